import { ServiceBroker } from "moleculer";
import { config } from "../../libs/postbox/core/configuration/config.ts";
import { loadProject } from "../../libs/postbox/core/project/load-project.ts";
import { object } from "../../libs/postbox/core/validation/object.ts";
import { caller } from "../../libs/postbox/edge/access/caller.ts";
import { action } from "../../libs/postbox/edge/actions/action.ts";
import { brokerOptions } from "../../libs/postbox/node/broker/broker-options.ts";
import { service } from "../../libs/postbox/node/service/service.ts";
import { rest } from "../../mixins/rest.ts";
import gateway from "../../services/gateway/gateway.service.ts";
import { profileOf, profileSchema, ready } from "./profile.ts";

const profile = service({
  name: "profile",
  version: 1,
  mixins: [rest("profile", { latest: 1 })],
  actions: {
    // Only for slow clients: what they send of it never ends.
    replace: action({
      rest: "POST /me",
      access: "public",
      params: object({ body: profileSchema }),
      response: profileSchema,
      handler: ({ params }) => params.body,
    }),
    me: action({
      rest: "GET /me",
      access: "gen",
      params: object({}),
      response: profileSchema,
      handler(ctx) {
        const { user_id, role } = caller(ctx);
        return profileOf(user_id, role);
      },
    }),
  },
});

await loadProject();
const broker = new ServiceBroker(brokerOptions(config()));
broker.createService(profile);
broker.createService(gateway);
await broker.start();
ready(config().PORT);
