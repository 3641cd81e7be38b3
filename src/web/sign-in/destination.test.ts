import assert from 'node:assert/strict'
import test from 'node:test'
import { destination, wantedPage } from './destination.ts'

test('[WE33] who has signed in goes to a page of ours: the wanted one, or the one that his scopes open', () => {
  for (const wanted of [
    '/',
    '/agent',
    '/console',
    '/console/configuration/queue/a%2Fb',
    '/console/audit?act=x&who=ada',
  ])
    assert.equal(destination(wanted, ['conversations']), wanted)
  assert.equal(destination(null, ['conversations', 'admin']), '/agent')
  assert.equal(destination(null, ['audit']), '/console')
  for (const wanted of [
    'https://evil.example',
    '//evil.example',
    '/sign-in',
    '/api/cluster',
    '/console/../api/cluster',
    '/console/%2e%2E/api/cluster',
    '/console//evil.example',
    '/console/\\evil.example',
    '/console/a\nb',
    '/agent/else',
    'javascript:alert(1)',
    '',
  ])
    assert.equal(destination(wanted, ['conversations']), '/agent', wanted)
})

test('the address says where somebody came from', () => {
  assert.equal(wantedPage(new URL('https://chat.example/sign-in?to=/set-up')), '/set-up')
  assert.equal(wantedPage(new URL('https://chat.example/sign-in')), null)
})
