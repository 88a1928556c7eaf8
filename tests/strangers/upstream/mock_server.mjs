// `oauth2-mock-server`: it lets everybody in as johndoe, and its hooks change what it says before it says it.

import { serve, settings } from "./peer.mjs";
import { OAuth2Issuer, OAuth2Service } from "oauth2-mock-server";

const issuer = new OAuth2Issuer();
await issuer.keys.generate("RS256");
const service = new OAuth2Service(issuer);

const hooks = ["beforeTokenSigning", "beforeResponse", "beforeUserinfo", "beforeAuthorizeRedirect"];

function edit(object, { set = {}, omit = [] }) {
  Object.assign(object, set);
  for (const name of omit) delete object[name];
}

// From now on `hook` says something else; without one all is well again.
function corrupt(change) {
  hooks.forEach((hook) => service.removeAllListeners(hook));
  service.on("beforeUserinfo", ({ body }) => Object.assign(body, settings.claims));
  if (!change) return;
  service.on(change.hook, (subject) => {
    switch (change.hook) {
      case "beforeTokenSigning":
        // Access tokens pass here too, and have no nonce.
        if ("nonce" in subject.payload) {
          edit(subject.payload, change);
          Object.assign(subject.header, change.header);
        }
        break;
      case "beforeAuthorizeRedirect": {
        const query = subject.url.searchParams;
        (change.omit ?? []).forEach((name) => query.delete(name));
        Object.entries(change.set ?? {}).forEach(([name, value]) => query.set(name, value));
        break;
      }
      default:
        edit(subject.body, change);
        subject.body = change.body ?? subject.body;
        subject.statusCode = change.status ?? subject.statusCode;
    }
  });
}

await serve(
  (url) => {
    issuer.url = url;
    corrupt();
    return service.requestHandler;
  },
  { corrupt },
);
