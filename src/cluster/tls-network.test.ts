import assert from 'node:assert/strict'
import { connect as connectTcp, createServer } from 'node:net'
import { after, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { silentLog } from '../base/log.ts'
import { type ClusterAuthority, createOrLoadAuthority, issueNodeCertificate } from '../config/cluster-authority-node.ts'
import { stagedKeys } from '../config/private-keys-stage.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { FrameSplitter } from './frame-splitter.ts'
import { ConnectFailure, type Link } from './network.ts'
import { FRAME_BYTES_MAX, TlsNetwork } from './tls-network-node.ts'

const closing: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closing) await close()
})

async function authorityOf(): Promise<ClusterAuthority> {
  const documents = new MemoryStore({ now: () => 0 })
  const authority = await createOrLoadAuthority({ documents, keys: stagedKeys(documents) })
  if (authority.kind !== 'authority') throw new Error(authority.reason)
  return authority
}

const AUTHORITY = await authorityOf()

/** A node that notes what it is told. */
async function nodeOf(name: string, authority = AUTHORITY, certifiedAs = name) {
  const { certificate, key } = await issueNodeCertificate(authority, certifiedAs)
  const self = { node: name, incarnation: `run-of-${name}` }
  const network = new TlsNetwork({
    certificate,
    key,
    authority: authority.certificate,
    self: () => self,
    listenHost: '127.0.0.1',
    port: 0,
    log: silentLog,
    connectTimeoutMs: 5000,
  })
  await network.open()
  closing.push(() => network.close())
  const links: Link[] = []
  const frames: string[] = []
  const closed: string[] = []
  const handlers = {
    frame: (_: Link, frame: Uint8Array) => void frames.push(new TextDecoder().decode(frame)),
    closed: (_: Link, reason: string) => void closed.push(reason),
  }
  network.listen((link) => void links.push(link), handlers)
  const member = () => ({ ...self, relayAddress: network.address() })
  return { network, self, member, handlers, links, frames, closed, authority, certificate, key }
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

const bytes = (text: string) => new TextEncoder().encode(text)

async function failureOf(connecting: Promise<Link>): Promise<string> {
  try {
    await connecting
  } catch (error) {
    return error instanceof ConnectFailure ? error.kind : String(error)
  }
  return 'connected'
}

test('Frames come in order and whole, in both directions, and both sides know who the other is [CL31]', async () => {
  const [a, b] = [await nodeOf('a'), await nodeOf('b')]
  const link = await a.network.connect(b.member(), a.handlers)
  const large = 'x'.repeat(3_000_000)
  for (const text of ['one', '', large, 'two']) link.send(bytes(text))
  await until(() => b.frames.length === 4, 'four frames')
  assert.deepEqual(b.frames, ['one', '', large, 'two'])
  b.links[0]?.send(bytes('back'))
  await until(() => a.frames.length === 1, 'a frame back')
  assert.deepEqual([link.peer, b.links[0]?.peer], [b.self, a.self])
  assert.equal(link.queuedBytes, 0)
})

test('What the accepting side sends at once is not lost [CL31]', async () => {
  const [a, b] = [await nodeOf('a'), await nodeOf('b')]
  b.network.listen((link) => link.send(bytes('welcome')), b.handlers)
  const noted: Link[] = []
  const seen: [string, boolean][] = []
  const link = a.network.connect(b.member(), {
    frame: (from, frame) => seen.push([new TextDecoder().decode(frame), noted.includes(from)]),
    closed: () => {},
  })
  noted.push(await link)
  await until(() => seen.length === 1, 'the welcome')
  assert.deepEqual(seen, [['welcome', true]])
})

test('Closing is told to both sides once, and nothing comes after [CL31]', async () => {
  const [a, b] = [await nodeOf('a'), await nodeOf('b')]
  const link = await a.network.connect(b.member(), a.handlers)
  await until(() => b.links.length === 1, 'accepted')
  link.send(bytes('last'))
  link.close('enough')
  link.close('again')
  link.send(bytes('too late'))
  await until(() => a.closed.length === 1 && b.closed.length === 1, 'closed on both sides')
  assert.deepEqual([a.closed, b.frames], [['enough'], ['last']])
})

test('A node that dies is noticed at once, and then refuses [CL32]', async () => {
  const [a, b] = [await nodeOf('a'), await nodeOf('b')]
  const member = b.member()
  await a.network.connect(member, a.handlers)
  await b.network.close()
  await until(() => a.closed.length === 1, 'the end')
  assert.equal(await failureOf(a.network.connect(member, a.handlers)), 'refused')
})

test('A machine that does not answer is unreachable, not refusing [CL32]', async () => {
  const a = await nodeOf('a')
  // A listener that accepts and then says nothing: the greeting never comes.
  const mute = createServer((socket) =>
    socket
      .on('error', () => {})
      .resume()
      .setTimeout(100, () => socket.destroy()),
  )
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
  closing.push(async () => void mute.close())
  const { port } = mute.address() as { port: number }
  const member = { node: 'b', incarnation: 'run-of-b', relayAddress: `127.0.0.1:${port}` }
  assert.equal(await failureOf(a.network.connect(member, a.handlers)), 'unreachable')
})

test('A node of another cluster is let in by neither side [CL33]', async () => {
  const [a, stranger] = [await nodeOf('a'), await nodeOf('b', await authorityOf())]
  assert.equal(await failureOf(a.network.connect(stranger.member(), a.handlers)), 'wrong-peer')
  assert.equal(await failureOf(stranger.network.connect(a.member(), stranger.handlers)), 'wrong-peer')
  assert.deepEqual([a.links.length, stranger.links.length], [0, 0])
})

test("A node that gives itself another's name is not let in [CL33]", async () => {
  const [a, liar] = [await nodeOf('a'), await nodeOf('b', AUTHORITY, 'c')]
  assert.equal(await failureOf(a.network.connect(liar.member(), a.handlers)), 'wrong-peer')
  const link = await liar.network.connect(a.member(), liar.handlers).catch(() => undefined)
  if (link) await until(() => liar.closed.length === 1, 'the liar is shut out')
  assert.equal(a.links.length, 0)
})

test('An earlier run of the node at that address is not the one that was meant [CL33]', async () => {
  const [a, b] = [await nodeOf('a'), await nodeOf('b')]
  const member = { ...b.member(), incarnation: 'another run' }
  assert.equal(await failureOf(a.network.connect(member, a.handlers)), 'wrong-peer')
})

test('Who shows no certificate, or speaks no TLS, harms nobody [CL33]', async () => {
  const [a, b] = [await nodeOf('a'), await nodeOf('b')]
  const [host = '', port = ''] = a.network.address().split(':')
  const ended = (socket: { on(event: string, listener: () => void): unknown }) =>
    new Promise<void>((resolve) => void socket.on('close', resolve))
  const plain = connectTcp(Number(port), host, () => plain.write('GET / HTTP/1.1\r\n\r\n'))
  plain.on('error', () => {})
  const bare = connectTls({ host, port: Number(port), ca: AUTHORITY.certificate, rejectUnauthorized: false })
  bare.on('error', () => {})
  await Promise.all([ended(plain), ended(bare)])
  await b.network.connect(a.member(), b.handlers)
  await until(() => a.links.length === 1, 'a good node comes in')
})

test('A member that sends garbage or too much loses its link, and the process lives [CL33]', async () => {
  const a = await nodeOf('a')
  const [host = '', port = ''] = a.network.address().split(':')
  const { certificate, key } = await issueNodeCertificate(AUTHORITY, 'b')
  const raw = (...parts: Uint8Array[]) =>
    new Promise<void>((resolve) => {
      const socket = connectTls({
        host,
        port: Number(port),
        cert: certificate,
        key,
        ca: AUTHORITY.certificate,
        checkServerIdentity: () => undefined,
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve())
      socket.on('secureConnect', () => {
        for (const part of parts) socket.write(part)
      })
      socket.resume()
    })
  const framed = (text: string) => {
    const frame = Buffer.alloc(4 + text.length, text)
    frame.writeUInt32BE(text.length)
    frame.write(text, 4)
    return frame
  }
  const greeting = framed('{"node":"b","incarnation":"run"}')
  await raw(Buffer.from('ffffffff', 'hex'))
  await raw(framed('not JSON'))
  await raw(framed('{"node":7}'))
  await raw(framed(`{"node":"b","incarnation":"${'x'.repeat(2000)}"}`))
  assert.equal(a.links.length, 0)
  await raw(greeting, Buffer.from((FRAME_BYTES_MAX + 1).toString(16).padStart(8, '0'), 'hex'))
  assert.deepEqual(a.closed, ['a frame was too large'])
})

test('A port closes at once, even on who is still shaking hands [CL31]', async () => {
  const a = await nodeOf('a')
  const [host = '', port = ''] = a.network.address().split(':')
  const idle = connectTcp(Number(port), host)
  idle.on('error', () => {})
  const ended = new Promise<void>((resolve) => void idle.on('close', resolve))
  await new Promise<void>((resolve) => void idle.on('connect', resolve))
  const began = Date.now()
  await a.network.close()
  await ended
  assert.ok(Date.now() - began < 1500)
})

test('A renewed certificate is shown to whoever connects later [CL33]', async () => {
  const [a, b] = [await nodeOf('a'), await nodeOf('b')]
  b.network.renew(await issueNodeCertificate(AUTHORITY, 'c'))
  assert.equal(await failureOf(a.network.connect(b.member(), a.handlers)), 'wrong-peer')
  b.network.renew(b)
  assert.equal(await failureOf(a.network.connect(b.member(), a.handlers)), 'connected')
})

test('Frames are whole however the stream is cut [CL31]', () => {
  const texts = ['', 'a', 'bc', 'x'.repeat(300)]
  const stream = Buffer.concat(
    texts.map((text) => {
      const header = Buffer.alloc(4)
      header.writeUInt32BE(text.length)
      return Buffer.concat([header, Buffer.from(text)])
    }),
  )
  for (let size = 1; size <= stream.length; size++) {
    const splitter = new FrameSplitter(1000)
    const got: string[] = []
    for (let at = 0; at < stream.length; at += size) {
      const frames = splitter.push(stream.subarray(at, at + size))
      if (frames !== 'too-large') got.push(...frames.map((frame) => new TextDecoder().decode(frame)))
    }
    assert.deepEqual(got, texts)
  }
  assert.equal(new FrameSplitter(10).push(Buffer.from('0000000b', 'hex')), 'too-large')
})

test('a node is announced where others reach it: by its own port, or by one that leads there', async () => {
  const announced = (advertised: string) => {
    const options = { certificate: '', key: '', authority: '', self: () => ({ node: 'a', incarnation: 'r' }) }
    const network = new TlsNetwork({ ...options, listenHost: '127.0.0.1', port: 0, advertised, log: silentLog })
    return network.address()
  }
  assert.equal(announced('chat-1'), 'chat-1:0')
  assert.equal(announced('fd00::7'), '[fd00::7]:0')
  assert.equal(announced('chat-1:7001'), 'chat-1:7001')
  assert.equal(announced('[fd00::7]:7001'), '[fd00::7]:7001')
})
