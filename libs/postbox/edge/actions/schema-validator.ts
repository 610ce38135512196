import type { ActionSchema, Context, Middleware, ServiceBroker } from "moleculer";
import { Validators } from "moleculer";
import Compile from "typebox/compile";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { textConverter } from "../../core/validation/convert.ts";
import { faults } from "../../core/validation/faults.ts";
import { setFormats } from "../../core/validation/formats.ts";
import { closed, isSchema, type Schema } from "../../core/validation/schema.ts";

type Handler = (ctx: Context<Record<string, unknown> | null>) => Promise<unknown>;

/**
 * Moleculer's validator, on JSON Schema: an action's `params` is a TypeBox value. Objects take only what they name,
 * unless their schema says `additionalProperties: true`. Text in a request's path, query and cookies is converted by
 * its declared type first.
 *
 * Actions of others (`$node`, moleculer-db's) declare `params` in Moleculer's own form, and are left to its validator.
 */
export class SchemaValidator extends Validators.Fastest {
  override init(broker: ServiceBroker): void {
    super.init(broker);
    setFormats();
  }

  override middleware(broker: ServiceBroker): Middleware {
    const others: Middleware = super.middleware(broker);
    return {
      name: "Validator",
      localAction: (handler: Handler, action: ActionSchema) =>
        isSchema(action.params)
          ? validated(handler, action.params)
          : (others.localAction?.call(broker, handler, action) ?? handler),
    };
  }
}

/**
 * The handler, behind its schema.
 *
 * Rejects with PostboxError `validation-failed`: the field, the rule and a sentence for each fault.
 */
function validated(handler: Handler, params: Schema): Handler {
  const schema = closed(params);
  const validator = Compile(schema);
  const convert = textConverter(schema);
  return (ctx) => {
    const given = ctx.params ?? {};
    ctx.params = convert ? convert(given) : given;
    if (validator.Check(ctx.params)) return handler(ctx);
    const errors = faults(validator.Errors(ctx.params), schema);
    return Promise.reject(new PostboxError("validation-failed", undefined, { errors }));
  };
}
