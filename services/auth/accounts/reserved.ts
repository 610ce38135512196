import { config } from "postbox";
import { variables } from "../variables.ts";
import { fold } from "./fold.ts";

/** The name of the root user, which is made at start: nobody else may have it, not even before that. */
export const rootName = "root";

/** Whether nobody may choose a name: `Ad-min` reads as `admin` does, so neither case nor separators make a difference. */
export function isReserved(username: string): boolean {
  const given = letters(username);
  return given === rootName || (config(variables).RESERVED_USERNAMES ?? []).some((name) => letters(name) === given);
}

const letters = (name: string) => fold(name).replaceAll(/[._-]/g, "");
