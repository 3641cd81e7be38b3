import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import type { ApiKeysAnswer } from '../protocol/account-answers.ts'
import { httpStage, staffToken } from '../server/http-stage.ts'
import { EXIT } from './verb.ts'
import { runVerb } from './verb-stage.ts'

const PASSWORD = 'correct horse battery'

/** The HTTP side of a node on a free port, and the command line beside it. */
async function stage(context: TestContext) {
  const { app, people } = await httpStage()
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  context.after(() => app.close())
  const cluster = (words: readonly string[], lines: readonly string[] = [], token = staffToken('admin')) =>
    runVerb(words, { env: { HOLDFAST_URL: url, HOLDFAST_TOKEN: token }, lines })
  return { cluster, people }
}

test('[CI20] accounts are made, changed, shut and removed from the command line', async (context) => {
  const { cluster, people } = await stage(context)
  assert.deepEqual((await cluster(['account', 'list'])).out, ['There is no account yet.'])
  const made = await cluster(['account', 'add', 'root', '--roles', 'admin'], [PASSWORD])
  assert.deepEqual([made.code, made.out], [EXIT.done, ['The account root is made.']])
  await cluster(['account', 'add', 'ada', '--roles', 'agent,supervisor', '--display-name', 'Ada', '--no-password'])
  const visit = { address: '192.0.2.1', browser: '' }
  assert.equal((await people.signIn.byPassword('root', PASSWORD, visit)).kind, 'signed-in')
  assert.equal((await cluster(['account', 'password', 'ada'], [PASSWORD])).code, EXIT.done)
  assert.equal((await people.signIn.byPassword('ada', PASSWORD, visit)).kind, 'signed-in')
  assert.deepEqual((await cluster(['account', 'sign-out', 'ada'])).out, ['ada is signed out of 1 sessions.'])
  assert.deepEqual((await cluster(['account', 'roles', 'ada', 'auditor'])).out, ['ada is auditor from now on.'])
  assert.deepEqual((await cluster(['account', 'disable', 'ada'])).out, ['ada may not sign in any more.'])
  const { out } = await cluster(['account', 'list'])
  assert.match(out[1] ?? '', /^ada +Ada +auditor +password +20\S+ \S+Z +disabled$/)
  assert.match(out[2] ?? '', /^root +root +admin +password +20\S+ \S+Z$/)
  assert.equal((await cluster(['account', 'enable', 'ada'])).code, EXIT.done)
  assert.equal((await cluster(['account', 'remove', 'ada'])).code, EXIT.done)
  const last = await cluster(['account', 'remove', 'root'])
  assert.deepEqual([last.code, last.err[0]?.slice(0, 22)], [EXIT.failed, 'It is the last account'])
  assert.deepEqual((await cluster(['account', 'roles', 'rot', 'agent'])).err, [
    'There is no account called "rot". Did you mean root?',
  ])
})

test('[CI20] a password is read from standard input alone, and roles are those that there are', async (context) => {
  const { cluster } = await stage(context)
  for (const words of [
    ['account'],
    ['account', 'lst'],
    ['account', 'add', 'ada'],
    ['account', 'add', 'ada', '--roles', 'root'],
    ['account', 'add', 'ada', 'in-the-open', '--roles', 'agent'],
    ['account', 'add', 'ada', '--roles', 'agent'],
    ['api-key', 'add', 'shop'],
    ['api-key', 'add', 'shop', '--scopes', 'everything'],
    ['api-key', 'add', 'shop', '--scopes', 'tokens', '--days', '0'],
  ])
    assert.equal((await cluster(words)).code, EXIT.usage, words.join(' '))
  const weak = await cluster(['account', 'add', 'ada', '--roles', 'agent'], ['short'])
  assert.deepEqual([weak.code, weak.err], [EXIT.failed, ['A password has at least 12 characters.']])
})

test('[CI21] an API key is printed once, stands where a token does, and is revoked by its name', async (context) => {
  const { cluster } = await stage(context)
  assert.deepEqual((await cluster(['api-key', 'list'])).out, ['There is no API key yet.'])
  const made = await cluster(['api-key', 'add', 'monitor', '--scopes', 'audit', '--days', '7'])
  const [key = ''] = made.out
  assert.match(key, /^hfk_[\w-]{43}$/)
  assert.equal((await cluster(['status', '--json'], [], key)).code, EXIT.done)
  assert.equal((await cluster(['node', 'disable', 'n1'], [], key)).code, EXIT.failed)
  const listed = await cluster(['api-key', 'list'])
  assert.match(listed.out[1] ?? '', /^monitor +\w{13} +audit +20.* +ends 20/)
  assert.ok(!listed.out.join('').includes(key))
  assert.deepEqual((await cluster(['api-key', 'revoke', 'monitor'])).out, ['The key monitor is revoked.'])
  assert.equal((await cluster(['status'], [], key)).code, EXIT.failed)
  assert.equal((await cluster(['api-key', 'revoke', 'monitor'])).code, EXIT.failed)
  const { keys } = JSON.parse((await cluster(['api-key', 'list', '--json'])).out[0] ?? '') as ApiKeysAnswer
  assert.ok(keys[0]?.revokedAt)
})
