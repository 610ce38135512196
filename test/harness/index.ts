export { until } from "../../libs/stack/until.ts";
export { setup, type TestStack } from "./setup.ts";
