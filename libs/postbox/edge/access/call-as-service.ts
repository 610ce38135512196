import type { ServiceBroker } from "moleculer";
import type { ActionRef } from "../actions/action.ts";
import { signServiceToken } from "../tokens/token.ts";

/**
 * Calls an action in the name of a service, not of a user: `callAsService(this.broker, "users", findUser, { id })`.
 *
 * The call goes by the broker. `ctx.call` merges the callee's meta into the caller's, where the service token would then
 * speak for the user.
 *
 * @throws what the action throws.
 */
export function callAsService<Params, Result>(
  broker: Pick<ServiceBroker, "call">,
  service: string,
  ref: ActionRef<Params, Result>,
  params: Params,
): Promise<Result> {
  return broker.call<Result, Params>(ref.name, params, { meta: { token: signServiceToken(service) } });
}
