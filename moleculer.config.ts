import type { BrokerOptions } from "moleculer";
import { config, loadProject } from "./libs/postbox/core/configuration/config.ts";
import { placeholderWarning } from "./libs/postbox/core/configuration/read.ts";
import { brokerOptions } from "./libs/postbox/node/broker/broker-options.ts";

await loadProject();
const given = config();

const options: BrokerOptions = {
  ...brokerOptions(given),
  created(broker) {
    const warning = placeholderWarning(given);
    if (warning !== undefined) broker.logger.warn(warning);
  },
};

export default options;
