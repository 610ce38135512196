import type { ActionSchema, Context, Middleware, ServiceBroker } from "moleculer";
import { Counter } from "prom-client";
import { config } from "../../core/configuration/config.ts";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { type AnswerFaults, answerCheck } from "../../core/validation/answer.ts";
import { isPlain } from "../../core/validation/schema.ts";
import { servedSchema } from "../../core/validation/served/served-schema.ts";
import { metrics } from "../../telemetry/metrics.ts";
import type { Meta } from "./meta.ts";

type Handler = (ctx: Context<unknown, Meta>, prepared?: unknown) => Promise<unknown>;

const faultyAnswers = new Counter({
  name: "postbox_answer_faults_total",
  help: "Answers that did not keep the schema of their action: `unnamed` had properties left out, `broken` went out as they were.",
  labelNames: ["action", "fault"],
  registers: [metrics],
});

/** Different faults of one action that are logged at most: names of properties may be data. */
const maxLogged = 20;

/**
 * Holds the answers of actions to their `response`. In local a faulty answer fails, so that a developer and a test see the
 * fault. Elsewhere a client gets what the schema names:
 *
 * - a property that the schema does not name is left out, and counted;
 * - an answer that breaks another rule goes out, and is counted: a client may still use the answer, and a 500 helps nobody.
 *
 * Each fault of an action is logged once in a process. An answer with a status other than success is not checked.
 *
 * @throws PostboxError `answer-invalid`, in local.
 */
export const answers: Middleware = {
  name: "Answers",
  localAction(this: ServiceBroker, handler: Handler, action: ActionSchema): Handler {
    const { name, response, status = 200 } = action;
    const check = isPlain(response) ? answerCheck(servedSchema(response)) : undefined;
    if (!check) return handler;
    const logged = new Set<string>();
    const correct = ({ faults, broken, rest }: AnswerFaults): unknown => {
      const told = faults.map(({ field, rule, message }) => `'${listed(field)}' ${message} (${rule})`);
      const message = `Action '${name}' gave an answer that its \`response\` does not describe: ${[...new Set(told)].join("; ")}.`;
      if (config().ENVIRONMENT === "local")
        throw new PostboxError("answer-invalid", `${message} Mend the handler or the schema.`);
      faultyAnswers.inc({ action: String(name), fault: broken ? "broken" : "unnamed" });
      if (!logged.has(message) && logged.size < maxLogged) {
        logged.add(message);
        this.logger.error(`${message} ${broken ? "Sent without unnamed properties." : "These were left out."}`);
      }
      return rest;
    };
    return (ctx, prepared) =>
      handler(ctx, prepared).then((answer) => {
        const { $statusCode = status } = ctx.meta;
        if ($statusCode >= 300 && $statusCode !== status) return answer;
        const found = check(answer);
        return found ? correct(found) : answer;
      });
  },
};

/** The place in a list is left out: an answer of a thousand rows has one fault, not a thousand. */
const listed = (field: string) => field.replaceAll(/(^|\.)\d+(?=\.|$)/g, "$1[]") || "(the answer)";
