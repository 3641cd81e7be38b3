import assert from 'node:assert/strict'
import test from 'node:test'
import type { TokenAnswer } from '../protocol/rest-answers.ts'
import { httpStage, PlainTokens, staffToken } from './http-stage.ts'

const SHOP = { authorization: `Bearer ${staffToken('tokens')}` }

function claimsIn({ token }: TokenAnswer): { readonly email?: string } {
  const verdict = new PlainTokens().verify(token)
  assert.ok(verdict.kind === 'good' && verdict.claims.kind === 'visitor')
  return verdict.claims
}

test('[SV62] an address for mail is taken from who vouches for the visitor, and from nobody else', async () => {
  const { app, node } = await httpStage()
  const email = 'vera@example.com'
  const opened = await app.inject({ method: 'POST', url: '/api/conversations', headers: SHOP, payload: { email } })
  assert.equal(claimsIn(opened.json<TokenAnswer>()).email, email)
  assert.deepEqual(node.submitted.at(-1)?.submission.command, { type: 'open', mode: 'live', email })
  const vouched = await app.inject({ method: 'POST', url: '/api/tokens', headers: SHOP, payload: { email } })
  assert.equal(claimsIn(vouched.json<TokenAnswer>()).email, email)
  for (const url of ['/api/tokens', '/api/demo/token']) {
    const anonymous = await app.inject({ method: 'POST', url, payload: { email } })
    assert.equal(anonymous.statusCode, 200)
    assert.equal(claimsIn(anonymous.json<TokenAnswer>()).email, undefined)
  }
})

test('[SV21] what is not one plain address is refused, wherever it is told', async () => {
  const { app } = await httpStage()
  const strange = [
    ...['', 'vera', '@example.com', 'vera@', 'a@b@c', 'a b@example.com', 'Vera <vera@example.com>'],
    ...['a@example.com,b@example.com', 'a@example.com;b@example.com', 'a@example.com\r\nBcc: b@example.com'],
    ...['a@-example.com', '"a b"@example.com', `${'a'.repeat(65)}@example.com`, `a@${'b'.repeat(254)}`, 'group:a@b;'],
    ...[{}, [], ['vera@example.com'], 5, null, true],
  ]
  for (const email of strange)
    for (const url of ['/api/conversations', '/api/tokens']) {
      const { statusCode } = await app.inject({ method: 'POST', url, headers: SHOP, payload: { email } })
      assert.equal(statusCode, 400, `${url} ${JSON.stringify(email)}`)
    }
})
