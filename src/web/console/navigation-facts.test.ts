import assert from 'node:assert/strict'
import test from 'node:test'
import type { Scope, StaffClaims } from '../../protocol/tokens.ts'
import { ALL_PAGES } from './all-pages.ts'
import type { ConsolePage } from './console-page.ts'
import { type LinkClick, mayOf, navigationOf, pathOfClick, placeAt } from './navigation-facts.ts'

const HERE = 'https://chat.example/console/cluster'

const page = (path: string, group: ConsolePage['group'], scope: ConsolePage['scope']): ConsolePage => {
  return { path, title: path, group, scope, load: () => Promise.reject(new Error('not shown')) }
}
const PAGES = [
  page('accounts', 'People', 'audit'),
  page('cluster', 'Operate', 'audit'),
  page('profile', 'People', 'staff'),
  page('alarms', 'Operate', 'audit'),
  page('secrets', 'Configure', 'admin'),
]

function may(...scopes: Scope[]) {
  const claims: StaffClaims = { kind: 'staff', subject: 'ada', name: 'Ada', role: 'agent', scopes }
  return mayOf(claims)
}

test('[WE34] the navigation has what the token may see, by groups in their order, and no empty group', () => {
  const seen = (...scopes: Scope[]) =>
    navigationOf(PAGES, may(...scopes)).map(({ name, pages }) => [name, ...pages.map(({ path }) => path)])
  assert.deepEqual(seen('admin'), [
    ['Operate', 'cluster', 'alarms'],
    ['Configure', 'secrets'],
    ['People', 'accounts', 'profile'],
  ])
  assert.deepEqual(seen('audit'), [
    ['Operate', 'cluster', 'alarms'],
    ['People', 'accounts', 'profile'],
  ])
  assert.deepEqual(seen('conversations'), [['People', 'profile']])
})

test('[WE34] an address is a page with what follows, one that may not be seen, none, or where somebody begins', () => {
  const at = (path: string, ...scopes: Scope[]) => placeAt(path, PAGES, may(...scopes))
  assert.deepEqual(at('/console/secrets/tls%2Fkey/%', 'admin'), {
    kind: 'page',
    page: PAGES[4],
    rest: ['tls/key', '%'],
  })
  assert.deepEqual(at('/console/secrets', 'audit'), { kind: 'forbidden', page: PAGES[4] })
  assert.equal(at('/console/nonsense', 'admin').kind, 'unknown')
  assert.deepEqual(at('/console', 'audit'), { kind: 'begin', page: PAGES[1] })
  assert.deepEqual(at('/console/', 'conversations'), { kind: 'begin', page: PAGES[2] })
  assert.equal(placeAt('/console', PAGES.slice(0, 2), may('conversations')).kind, 'nothing')
})

test('[WE35] a plain click on a link of the console stays in it; any other is the browser’s', () => {
  const plain: LinkClick = { button: 0, modified: false, handled: false, href: HERE, elsewhere: false }
  const to = (href: string, more: Partial<LinkClick> = {}) => pathOfClick({ ...plain, href, ...more }, HERE)
  assert.equal(to('https://chat.example/console/alarms/7?all=1'), 'alarms/7?all=1')
  assert.equal(to('https://chat.example/console'), '')
  for (const href of ['https://chat.example/agent', 'https://chat.example/consoles', 'https://evil.example/console/x'])
    assert.equal(to(href), undefined, href)
  assert.equal(to(`${HERE}#page`), undefined, 'within the page')
  for (const more of [{ button: 1 }, { modified: true }, { handled: true }, { elsewhere: true }])
    assert.equal(to('https://chat.example/console/alarms', more), undefined)
})

test('every page has an address of its own, one part long', () => {
  const paths = ALL_PAGES.map(({ path }) => path)
  assert.deepEqual([...new Set(paths)], paths)
  for (const path of paths) assert.match(path, /^[a-z]+(-[a-z]+)*$/)
})
