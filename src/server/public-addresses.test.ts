import assert from 'node:assert/strict'
import test from 'node:test'
import { memberRow } from './http-stage.ts'
import { allowedOrigins, ownUrlOf, reachableHost, rolesOf, socketAddresses } from './public-addresses.ts'

test('[SV33] clients learn the addresses that an operator set, else every edge that takes new ones', () => {
  const edge = (name: string) => memberRow(name, ['edge'])
  const members = [
    edge('e1'),
    memberRow('n1', ['chat']),
    { ...edge('e2'), mode: 'draining' as const },
    { ...edge('e3'), tombstoned: true },
  ]
  assert.deepEqual(socketAddresses({ publicUrl: '', addresses: [] }, members), ['ws://e1.example/connect'])
  assert.deepEqual(
    socketAddresses({ publicUrl: 'https://a.example', addresses: ['https://b.example', 'https://a.example'] }, members),
    ['wss://a.example/connect', 'wss://b.example/connect'],
  )
})

test('a node names itself by an address that others can use', () => {
  assert.equal(ownUrlOf('127.0.0.1', 80), 'http://localhost:80')
  assert.equal(ownUrlOf('::1', 80), 'http://localhost:80')
  assert.equal(ownUrlOf('10.0.0.7', 80), 'http://10.0.0.7:80')
  assert.equal(reachableHost('0.0.0.0', 'box'), 'box')
  assert.equal(reachableHost('::', 'box'), 'box')
  assert.equal(reachableHost('10.0.0.7', 'box'), '10.0.0.7')
  assert.deepEqual(
    ['all', 'chat', 'edge', 'backup'].map((role) => rolesOf(role as 'all').join()),
    ['chat,edge', 'chat', 'edge', 'backup'],
  )
})

test('pages of this system may connect under every name of its addresses, others only where named', () => {
  const settings = { publicUrl: 'https://chat.example', addresses: [], allowedOrigins: ['https://shop.example:444'] }
  assert.deepEqual(allowedOrigins(settings, 'http://localhost:8400'), [
    'http://localhost:8400',
    'http://127.0.0.1:8400',
    'http://[::1]:8400',
    'https://chat.example',
    'https://shop.example:444',
  ])
  assert.equal(allowedOrigins({ ...settings, allowedOrigins: ['*'] }, 'http://x:1'), 'any')
})
