import type { BrokerOptions } from "moleculer";
import { config } from "./libs/config/config.ts";
import { placeholderWarning } from "./libs/config/read.ts";
import { brokerOptions } from "./libs/moleculer/broker-options.ts";

const given = config();

const options: BrokerOptions = {
  ...brokerOptions(given),
  created(broker) {
    const warning = placeholderWarning(given);
    if (warning !== undefined) broker.logger.warn(warning);
  },
};

export default options;
