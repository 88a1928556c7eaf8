// The peer: oidc-provider, signing one person in and nothing more. One client with `authorization_code` and
// `refresh_token`, ID tokens signed with RS256, JWT access tokens with ES256, everything in memory. The person has signed
// in and consented once its interactions were walked.
import { generateKeyPairSync } from 'node:crypto';
import { Provider } from 'oidc-provider';

const [issuer, clientId, clientSecret, resource, scope, redirectUri] = process.argv.slice(2);
const port = Number(new URL(issuer).port);
const person = { sub: 'ada', name: 'Ada Lovelace', preferred_username: 'ada' };

const jwk = (alg, type, options) => {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig' };
};

// A map and nothing else. The provider's own adapter keeps a thousand entries, and looks at all tokens of a grant with
// each new one: of one person who signs in thousands of times a minute it would show that alone.
const kept = new Map();
class Adapter {
  constructor(model) {
    this.model = model;
  }

  async upsert(id, payload) {
    kept.set(`${this.model}:${id}`, payload);
    if (this.model === 'Session') kept.set(`uid:${payload.uid}`, payload);
  }

  async find(id) {
    return kept.get(`${this.model}:${id}`);
  }

  async findByUid(uid) {
    return kept.get(`uid:${uid}`);
  }

  async consume(id) {
    kept.get(`${this.model}:${id}`).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    kept.delete(`${this.model}:${id}`);
  }

  async revokeByGrantId() {
    throw new Error('nobody here takes a grant back');
  }
}

const provider = new Provider(issuer, {
  adapter: Adapter,
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [redirectUri],
      response_types: ['code'],
      id_token_signed_response_alg: 'RS256',
    },
  ],
  jwks: { keys: [jwk('RS256', 'rsa', { modulusLength: 2048 }), jwk('ES256', 'ec', { namedCurve: 'P-256' })] },
  scopes: ['openid', 'profile'],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
  // What a scope asks for stands in the ID token, as it does in ours.
  conformIdTokenClaims: false,
  findAccount: async () => ({ accountId: person.sub, claims: async () => person }),
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async (_, client) => client.grantTypeAllowed('refresh_token'),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope,
        audience: resource,
        accessTokenTTL: 300,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
});

// Whoever comes here is the person, and allows it.
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next();
  const { prompt } = await provider.interactionDetails(ctx.req, ctx.res);
  ctx.respond = false;
  if (prompt.name === 'login') {
    return provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: person.sub } });
  }
  const grant = new provider.Grant({ accountId: person.sub, clientId });
  grant.addOIDCScope('openid profile');
  grant.addResourceScope(resource, scope);
  return provider.interactionFinished(ctx.req, ctx.res, { consent: { grantId: await grant.save() } });
});

provider.listen(port, '127.0.0.1');
