// Before each file of tests, as at the start of any process: the services and their variables are found.
import { loadProject } from "../../libs/postbox/core/project/load-project.ts";

await loadProject();
