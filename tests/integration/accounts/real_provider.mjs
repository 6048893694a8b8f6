// A real OpenID provider (oidc-provider) on loopback, with its own sign-in and consent pages and three people.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { module, jwks, client, people } = JSON.parse(process.env.PROVIDER);
const entry = createRequire(module + '/').resolve('oidc-provider');
const { Provider } = await import(pathToFileURL(entry));

const server = createServer();
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [client],
  jwks,
  cookies: { keys: ['only for tests'] },
  claims: {
    openid: ['sub'],
    email: ['email', 'email_verified'],
    profile: ['name', 'department'],
  },
  features: { devInteractions: { enabled: true } },
  findAccount: (_, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
});
server.on('request', provider.callback());
console.log(`ready ${issuer}`);
