import { config } from "./libs/config/config.ts";
import { brokerOptions } from "./libs/moleculer/broker-options.ts";

export default brokerOptions(config());
