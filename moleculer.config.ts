import type { BrokerOptions } from "moleculer";
import { brokerOptions, config, loadProject, placeholderWarning } from "postbox";

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
