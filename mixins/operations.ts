import type { Service } from "moleculer";
import { type Static, type TSchema, Type } from "typebox";
import type { ErrorCode } from "../libs/postbox/core/errors/catalogue.ts";
import { PostboxError } from "../libs/postbox/core/errors/postbox-error.ts";
import { headlineOf } from "../libs/postbox/core/failures/stored-error.ts";
import { object } from "../libs/postbox/core/validation/object.ts";
import type { Models } from "../libs/postbox/delivery/inbox/handlers/handler.ts";
import { pauseJob, resumeJob, runJobNow } from "../libs/postbox/delivery/operations/change-job.ts";
import { listDeadLetters } from "../libs/postbox/delivery/operations/list-dead-letters.ts";
import { listJobs } from "../libs/postbox/delivery/operations/list-jobs.ts";
import { resolveDeadLetters } from "../libs/postbox/delivery/operations/resolve-dead-letters.ts";
import { showPublished } from "../libs/postbox/delivery/operations/show-published.ts";
import { caller } from "../libs/postbox/edge/access/caller.ts";
import { action } from "../libs/postbox/edge/actions/action.ts";
import { message } from "../libs/postbox/edge/answers/message.ts";
import { mixin } from "../libs/postbox/node/service/service.ts";
import type { StoreFields } from "./store.ts";

type StoredService = Service & StoreFields<Models>;

const text = Type.String();
const time = Type.String({ format: "date-time" });
const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const eventId = Type.String({ format: "uuid" });

/** The fields of a dead letter. */
const letter = {
  id: eventId,
  event_type: text,
  target: text,
  key: orNull(text),
  attempts: Type.Integer(),
  generation: Type.Integer({ description: "How often it was replayed or skipped." }),
  error_message: orNull(text),
  created_at: time,
};

const which = {
  event_type: Type.Optional(Type.String({ maxLength: 200, examples: ["orders.place.order"] })),
  target: Type.Optional(Type.String({ maxLength: 100, description: "The service that it was sent to." })),
  key: Type.Optional(Type.String({ maxLength: 500, description: "Its mailbox, e.g. a user's id." })),
};

/** Which dead letters are meant. */
const letters = object({
  ...which,
  ids: Type.Optional(Type.Array(eventId, { minItems: 1, maxItems: 1_000 })),
  all: Type.Optional(Type.Literal(true, { description: "Every dead letter of this service." })),
});

const showOne = action({
  rest: "GET /operations/events/:id",
  access: "mgmt",
  summary: "An event that this service has published, and where it stands",
  errors: ["event-not-found"],
  params: object({ params: object({ id: eventId }) }),
  response: object({
    ...letter,
    status: text,
    version: Type.Integer(),
    sequence: orNull(Type.Integer({ description: "Its number in its key." })),
    send_number: Type.Integer({ description: "How often it was sent again." }),
    data: Type.Unknown(),
    headers: Type.Record(Type.String(), Type.String()),
    published_at: orNull(time),
    processed_at: orNull(time),
  }),
  async handler(this: StoredService, { params }) {
    const { created_at, published_at, processed_at, sequence, ...event } = await showPublished(
      this.db,
      params.params.id,
    );
    return {
      ...event,
      sequence: sequence === null ? null : Number(sequence),
      created_at: created_at.toISOString(),
      published_at: published_at?.toISOString() ?? null,
      processed_at: processed_at?.toISOString() ?? null,
    };
  },
});

const listDead = action({
  rest: "GET /operations/dead",
  access: "mgmt",
  summary: "Events of this service that were given up, oldest first",
  params: object({
    query: object({
      ...which,
      limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
      offset: Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0 }),
    }),
  }),
  response: object({ events: Type.Array(object(letter)) }),
  async handler(this: StoredService, { params }) {
    const { limit, offset, ...filter } = params.query;
    const events = await listDeadLetters(this.db, filterOf(filter), { limit, offset });
    return { events: events.map(({ created_at, ...event }) => ({ ...event, created_at: created_at.toISOString() })) };
  },
});

const resolving = (verb: "replay" | "skip", summary: string) =>
  action({
    rest: `POST /operations/dead/${verb}`,
    access: "mgmt",
    summary,
    errors: ["event-not-found", "event-state", "event-expired"],
    params: object({ body: letters }),
    response: object({ ids: Type.Array(eventId, { description: "The events that moved." }) }),
    async handler(this: StoredService, ctx) {
      const { all, ...filter } = ctx.params.body;
      if (!all && Object.keys(filter).length === 0)
        throw new PostboxError(
          "validation-failed",
          "Say which: ids, event_type, target or key; or all: true for every dead letter of this service.",
        );
      return { ids: await resolveDeadLetters(this.db, verb, filterOf(filter), caller(ctx).user_id) };
    },
  });

const listAll = action({
  rest: "GET /operations/jobs",
  access: "mgmt",
  summary: "The jobs of this service, each with its latest run",
  params: object({}),
  response: object({
    jobs: Type.Array(
      object({
        name: text,
        schedule: orNull(text),
        time_zone: text,
        state: text,
        next_slot: orNull(time),
        last_slot: orNull(time),
        last_status: orNull(text),
        error_message: orNull(text),
      }),
    ),
  }),
  async handler(this: StoredService) {
    const jobs = await listJobs(this.db);
    return {
      jobs: jobs.map(({ next_slot, last_slot, error_message, ...job }) => ({
        ...job,
        // Without the stack frames: they are for who may read the database.
        error_message: error_message === null ? null : headlineOf(error_message),
        next_slot: next_slot?.toISOString() ?? null,
        last_slot: last_slot?.toISOString() ?? null,
      })),
    };
  },
});

const changing = (verb: string, summary: string, change: typeof pauseJob, outcome: string, ...more: ErrorCode[]) =>
  action({
    rest: `POST /operations/jobs/:name/${verb}`,
    access: "mgmt",
    summary,
    errors: ["job-not-found", ...more],
    params: object({ params: object({ name: Type.String({ maxLength: 100 }) }) }),
    response: message,
    async handler(this: StoredService, ctx) {
      const { name } = ctx.params.params;
      await change(this.db, name, caller(ctx).user_id);
      return { message: `Job '${name}' ${outcome}` };
    },
  });

/**
 * Gives a service the actions of its operators, below `/<service>/operations`: they show its events, dead letters and jobs,
 * replay or skip dead letters, and run, pause or resume jobs. Users with the access `mgmt` may call them. Each act is
 * recorded with its user, in table `operator_action`. Stands beside `store` and `rest`.
 *
 * `mixins: [store("orders", defineModels), rest("orders", versions), operations()]`
 */
export function operations() {
  return mixin()({
    actions: {
      "operations.events.show": showOne,
      "operations.dead.list": listDead,
      "operations.dead.replay": resolving("replay", "Send dead letters again"),
      "operations.dead.skip": resolving("skip", "Let dead letters go, so that their keys go on"),
      "operations.jobs.list": listAll,
      "operations.jobs.run": changing(
        "run",
        "Run a job now",
        runJobNow,
        "runs at the next tick of a scheduler.",
        "job-state",
      ),
      "operations.jobs.pause": changing("pause", "Let no further run of a job begin", pauseJob, "is paused."),
      "operations.jobs.resume": changing("resume", "Let a paused job go on", resumeJob, "goes on."),
    },
  });
}

function filterOf({ event_type, ...filter }: Static<typeof letters>) {
  return { ...filter, ...(event_type !== undefined && { eventType: event_type }) };
}
