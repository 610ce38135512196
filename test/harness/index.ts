export { until } from "../../libs/postbox/tools/stack/until.ts";
export { setup, type TestStack } from "./setup.ts";
