import type { ActionSchema, Context, Middleware, ServiceBroker } from "moleculer";
import { Validators } from "moleculer";
import Compile from "typebox/compile";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { converterOf } from "../../core/validation/convert.ts";
import { faults } from "../../core/validation/faults.ts";
import { setFormats } from "../../core/validation/formats.ts";
import { requestConverter } from "../../core/validation/request.ts";
import { isSchema } from "../../core/validation/schema.ts";
import { servedRequest } from "../../core/validation/served/served-schema.ts";

type Handler = (ctx: Context<Record<string, unknown> | null>) => Promise<unknown>;

/**
 * Moleculer's validator for JSON Schema: the `params` of an action are a TypeBox value. An object takes no property that its
 * schema does not name, unless the schema says `additionalProperties: true`. Text of path, query, cookies and forms is
 * converted to its declared type first, and defaults are filled in.
 *
 * Moleculer's own validator checks actions whose `params` are in its own form: those of `$node` and of moleculer-db.
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
          ? validated(handler, action)
          : (others.localAction?.call(broker, handler, action) ?? handler),
    };
  }
}

/** The handler behind its schema. Rejects with PostboxError `validation-failed`: field, rule and a sentence for each fault. */
function validated(handler: Handler, { params, rest, body }: ActionSchema): Handler {
  const schema = servedRequest(Object(params));
  const validator = Compile(schema);
  const convert = rest === undefined ? converterOf(schema, { text: false }) : requestConverter(schema, body === "form");
  return (ctx) => {
    const given = ctx.params ?? {};
    ctx.params = convert ? Object(convert(given)) : given;
    if (validator.Check(ctx.params)) return handler(ctx);
    const errors = faults(validator.Errors(ctx.params), schema);
    return Promise.reject(new PostboxError("validation-failed", undefined, { errors }));
  };
}
