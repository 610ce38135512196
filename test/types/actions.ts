import { action, object } from "postbox";
import { Type } from "typebox";

/**
 * Held by the compiler alone: a `rest` that makes no route does not compile, and a handler has the types of its schemas.
 * Where an error is expected and none comes, `tsc` fails.
 */

const handler = () => "done";

action({ rest: "POST /", access: "public", handler });
action({ rest: "GET /orders/:id", access: "public", handler });

// @ts-expect-error: a path begins with a slash.
action({ rest: "POST ", access: "public", handler });
// @ts-expect-error: methods are written in capitals.
action({ rest: "post /", access: "public", handler });
// @ts-expect-error: HEAD is answered by GET.
action({ rest: "HEAD /", access: "public", handler });
// @ts-expect-error: nobody is called so.
action({ rest: "POST /", access: "everybody", handler });
// @ts-expect-error: a body is JSON or a form.
action({ rest: "POST /", access: "public", body: "xml", handler });

action({
  access: "public",
  params: object({ body: object({ size: Type.Integer({ default: 10 }) }) }),
  response: object({ size: Type.Integer() }),
  handler: ({ params }) => ({ size: params.body.size }),
});
// @ts-expect-error: the answer is an object with a size.
action({ access: "public", response: object({ size: Type.Integer() }), handler });
