import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import test from 'node:test'
import { AllowedNetworks, isPublicAddress } from './address-guard-node.ts'
import { type GuardedNetwork, type GuardedRequest, guardedRequest } from './guarded-request-node.ts'

function networks(text = ''): AllowedNetworks {
  const parsed = AllowedNetworks.parse(text)
  assert.ok(!('fault' in parsed))
  return parsed
}

const asked = (url: string, more: Partial<GuardedRequest> = {}): GuardedRequest => ({
  ...{ url, method: 'POST', headers: {}, body: 'hello', timeoutMs: 5000, allowed: networks() },
  ...more,
})

/** Answers names by a table, and remembers that a connection was wanted. */
function named(table: Readonly<Record<string, readonly string[]>>, connectTo?: number) {
  const seen = { lookups: 0, connections: 0 }
  const network: GuardedNetwork = {
    async lookup(host) {
      seen.lookups += 1
      return (table[host] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    },
    connect() {
      seen.connections += 1
      return connect(connectTo ?? 9, '127.0.0.1')
    },
  }
  return { seen, network }
}

async function served(listener: RequestListener, use: (port: number) => Promise<void>): Promise<void> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  try {
    await use((server.address() as AddressInfo).port)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

const INSIDE = [
  ...['127.0.0.1', '127.1.2.3', '0.0.0.0', '10.0.0.1', '10.255.255.255', '100.64.0.1', '169.254.169.254'],
  ...['172.16.0.1', '172.31.255.254', '192.0.0.8', '192.0.2.1', '192.88.99.1', '192.168.0.1', '198.18.0.1'],
  ...['198.51.100.7', '203.0.113.9', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
]

/** The same IPv4 address in every form that a URL takes. */
function formsOf(address: string): readonly string[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
  const whole = ((a * 256 + b) * 256 + c) * 256 + d
  const hex = (part: number) => `0x${part.toString(16)}`
  const octal = (part: number) => `0${part.toString(8)}`
  const low = [(a * 256 + b).toString(16), (c * 256 + d).toString(16)].join(':')
  return [
    ...[address, `${address}.`, String(whole), hex(whole), [a, b, c, d].map(hex).join('.')],
    ...[[a, b, c, d].map(octal).join('.'), `${a}.${b}.${c * 256 + d}`, `${hex(a)}.${(b * 256 + c) * 256 + d}`],
    ...[`[::ffff:${low}]`, `[::ffff:${address}]`, `[::${low}]`, `[64:ff9b::${low}]`, `[64:ff9b:1::${low}]`],
    ...[`[2002:${low}::1]`, `[::ffff:0:${low}]`],
  ]
}

const INSIDE_V6 = [
  '::',
  '::1',
  'fe80::1',
  'fc00::1',
  'fd12::1',
  'fec0::1',
  'ff02::1',
  '2001:db8::1',
  '2001::1',
  '100::1',
]

test('[BA6] no form of an address that is not public is reached: literals, names, all of 600 addresses', async () => {
  const literals = [...INSIDE.flatMap(formsOf), ...INSIDE_V6.map((address) => `[${address}]`)]
  let tried = 0
  for (const host of literals)
    for (const scheme of ['http', 'https']) {
      const { seen, network } = named({})
      const answer = await guardedRequest(asked(`${scheme}://${host}/hook`), network)
      assert.equal(answer.kind, 'forbidden', `${scheme}://${host}`)
      assert.deepEqual(seen, { lookups: 0, connections: 0 }, host)
      tried += 1
    }
  for (const address of [...INSIDE, ...INSIDE_V6]) {
    const { seen, network } = named({ 'hook.example': ['8.8.8.8', address] })
    assert.equal((await guardedRequest(asked('https://hook.example/'), network)).kind, 'forbidden', address)
    assert.equal(seen.connections, 0, address)
    tried += 1
  }
  assert.ok(tried >= 600, String(tried))
})

test('[BA6] what is no address, has a password in it, or no TLS outside is not called', async () => {
  const urls = ['', 'x', 'ftp://8.8.8.8/', 'file:///etc/passwd', 'javascript:1', 'https://user:word@example.org/']
  for (const url of [...urls, 'http://8.8.8.8/']) {
    const { seen, network } = named({})
    assert.equal((await guardedRequest(asked(url), network)).kind, 'forbidden', url)
    assert.equal(seen.connections, 0)
  }
})

test('[BA6] who answered is checked before anything is said, whatever the lookup told', async () => {
  let asks = 0
  await served(
    (_request, response) => {
      asks += 1
      response.end()
    },
    async (port) => {
      const { seen, network } = named({ 'hook.example': ['203.0.113.5'] }, port)
      const allowed = networks('203.0.113.5')
      const answer = await guardedRequest(asked('http://hook.example/', { allowed }), network)
      assert.deepEqual([answer.kind, seen.lookups, seen.connections, asks], ['forbidden', 1, 1, 0])
    },
  )
})

test('[BA6] an allowed network is reached; the name is looked up once, and a redirect is an answer', async () => {
  const heard: string[] = []
  await served(
    (request, response) => {
      request.setEncoding('utf8').on('data', (text) => heard.push(`${request.method} ${request.url} ${text}`))
      request.on('end', () => response.writeHead(302, { location: '/elsewhere' }).end('x'.repeat(200_000)))
    },
    async (port) => {
      let lookups = 0
      const network: GuardedNetwork = {
        async lookup() {
          lookups += 1
          return [{ address: lookups === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }]
        },
      }
      const allowed = networks('127.0.0.0/8')
      const answer = await guardedRequest(asked(`http://hook.example:${port}/hook?a=1`, { allowed }), network)
      assert.ok(answer.kind === 'answered')
      assert.deepEqual([answer.status, answer.text.length, lookups], [302, 65_536, 1])
    },
  )
  assert.deepEqual(heard, ['POST /hook?a=1 hello'])
})

test('[BA6] who never answers, and who is not there, is a failure that may pass', async () => {
  const allowed = networks('127.0.0.1')
  await served(
    () => {},
    async (port) => {
      const answer = await guardedRequest(asked(`http://127.0.0.1:${port}/`, { allowed, timeoutMs: 50 }))
      assert.deepEqual(answer, { kind: 'failed', reason: 'There was no answer in time.' })
    },
  )
  const { network } = named({})
  assert.equal((await guardedRequest(asked('https://nowhere.example/'), network)).kind, 'failed')
})

test('networks are read as they are written, and what is none is told', () => {
  assert.ok(networks('10.1.2.0/24, fd00::/8,127.0.0.1').has('10.1.2.77'))
  assert.ok(networks('10.1.2.0/24').has('::ffff:10.1.2.3'))
  assert.ok(!networks('10.1.2.0/24').has('10.1.3.1') && !networks('').has('8.8.8.8'))
  for (const wrong of ['10.1.2.0/33', '10.1.2', 'example.org', '10.0.0.0/8/8', '::/129', '10.0.0.0/x'])
    assert.deepEqual(AllowedNetworks.parse(`10.0.0.1, ${wrong}`), { fault: wrong })
  for (const outside of ['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '2a00:1450::1'])
    assert.ok(isPublicAddress(outside))
  assert.ok(!isPublicAddress('example.org'))
})
