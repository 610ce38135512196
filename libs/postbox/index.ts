/**
 * `postbox`: what a service is written with. Beside it stand `postbox/schema` for contracts, `postbox/mixins` for service
 * files, `postbox/migrations` for migrations, `postbox/variables` for variables and `postbox/testing` for tests. What
 * none of them exports is internal to the runtime and may change in any release.
 */

// Configuration
export { config, configure } from "./core/configuration/config.ts";
export { type Config, placeholderWarning, readConfig } from "./core/configuration/read.ts";
// Errors
export type { ErrorCode } from "./core/errors/catalogue.ts";
export { PermanentError } from "./core/errors/permanent-error.ts";
export { errorCode, type FieldError, type Occurrence, PostboxError } from "./core/errors/postbox-error.ts";
export { loadProject } from "./core/project/load-project.ts";
// Events and jobs
export {
  type EventHandler,
  type HandlerMode,
  type HandlerOptions,
  type HandlerTransaction,
  handle,
  handleMany,
  type Message,
  type Models,
} from "./delivery/inbox/handlers/handler.ts";
export {
  defineJob,
  type Job,
  type JobDefinition,
  type JobRun,
  type Misfire,
  type Overlap,
  type Schedule,
} from "./delivery/jobs/define-job.ts";
export type { EnqueueOptions } from "./delivery/outbox/enqueue-options.ts";
export type { ServiceTransaction } from "./delivery/outbox/service-transaction.ts";
// Actions
export { callAsService } from "./edge/access/call-as-service.ts";
export { caller } from "./edge/access/caller.ts";
export { type ActionContext, type ActionDeclaration, action, call } from "./edge/actions/action.ts";
export type { Meta } from "./edge/actions/meta.ts";
export type { RestDeclaration } from "./edge/actions/rest-declaration.ts";
export { escapeHtml } from "./edge/answers/escape-html.ts";
export { Html, type HtmlPart, html } from "./edge/answers/html.ts";
export { type Page, showPage } from "./edge/answers/page.ts";
export type { Wanted } from "./edge/requests/accept.ts";
export { clientNetwork } from "./edge/requests/client-address.ts";
export type { Deprecation, Versions } from "./edge/routes/versions.ts";
export { keyedHash, keyedHashes } from "./edge/tokens/keyed-hash.ts";
export { seal, unseal } from "./edge/tokens/sealed.ts";
export { accessTokenSeconds, signAccessToken, signServiceToken } from "./edge/tokens/token.ts";
export type { TokenData } from "./edge/tokens/token-data.ts";
// Services and nodes
export { brokerOptions } from "./node/broker/broker-options.ts";
export { type Mixin, mixin, service } from "./node/service/service.ts";
export type { DatabaseOptions } from "./postgres/connection/database-options.ts";
// The database
export { Database } from "./postgres/database.ts";
export type { Queryable } from "./postgres/transaction/queryable.ts";
export type { Statement, Transaction } from "./postgres/transaction/transaction.ts";
// Contracts and variables
export * from "./schema.ts";
// Metrics
export { metrics } from "./telemetry/metrics.ts";
export * from "./variables.ts";
