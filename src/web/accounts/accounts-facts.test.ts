import assert from 'node:assert/strict'
import test from 'node:test'
import type { AccountRow } from '../../protocol/account-answers.ts'
import { browserText, found, inRoleOrder, sameRoles, waysText } from './accounts-facts.ts'
import { madePassword } from './made-password-node.ts'

function account(name: string, more: Partial<AccountRow> = {}): AccountRow {
  const facts = { displayName: name.toUpperCase(), roles: ['agent'], disabled: false, password: true } as const
  return { id: `id-${name}`, name, ...facts, provider: false, madeAt: 1, ...more }
}

test('[WE90] an account is found by words of its names, its roles and its state, in any order', () => {
  const ada = account('ada', { displayName: 'Ada Lovelace', roles: ['admin', 'agent'] })
  const bob = account('bob', { disabled: true })
  const table = [
    ['', ['ada', 'bob']],
    ['LOVE', ['ada']],
    ['lace admin', ['ada']],
    ['agent', ['ada', 'bob']],
    ['disabled bo', ['bob']],
    ['ada bob', []],
  ] as const
  for (const [search, names] of table)
    assert.deepEqual(
      found([ada, bob], search).map(({ name }) => name),
      names,
      search,
    )
})

test('ways in are told in words, roles in one order', () => {
  assert.equal(waysText({ password: true, provider: true }), 'Password or provider')
  assert.equal(waysText({ password: false, provider: true }), 'Provider')
  assert.equal(waysText({ password: false, provider: false }), 'No way in yet')
  assert.deepEqual(inRoleOrder(['auditor', 'admin']), ['admin', 'auditor'])
  assert.ok(sameRoles(['auditor', 'admin'], ['admin', 'auditor']))
  assert.ok(!sameRoles(['auditor'], ['admin', 'auditor']))
})

test('[WE93] a browser is told by its name and system, whatever else it claims to be', () => {
  const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36'
  const table = [
    [`Mozilla/5.0 (X11; Linux x86_64) ${chrome}`, 'Chrome on Linux'],
    [`Mozilla/5.0 (X11; Linux x86_64) ${chrome.replace('Chrome', 'HeadlessChrome')}`, 'Chrome on Linux'],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Edg/147.0.0.0`, 'Edge on Windows'],
    [`Mozilla/5.0 (Linux; Android 16; K) ${chrome.replace('Safari', 'Mobile Safari')}`, 'Chrome on Android'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:150.0) Gecko/20100101 Firefox/150.0', 'Firefox on macOS'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
      'Safari on iPhone',
    ],
    ['curl/8.14.1', 'curl'],
    ['', 'Unknown browser'],
  ] as const
  for (const [userAgent, text] of table) assert.equal(browserText(userAgent), text, userAgent)
})

test('[WE91] a password that is made here is long, and another one each time', () => {
  const made = Array.from({ length: 50 }, madePassword)
  for (const password of made) assert.match(password, /^[a-hjkmnp-z2-9]{5}(-[a-hjkmnp-z2-9]{5}){3}$/)
  assert.equal(new Set(made).size, made.length)
})
