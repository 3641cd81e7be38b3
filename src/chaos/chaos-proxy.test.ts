import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import test, { type TestContext } from 'node:test'
import { realClock } from '../base/real-clock-node.ts'
import { waitUntil } from '../bench/wait-until.ts'
import { ChaosProxy } from './chaos-proxy-node.ts'

/** One end of a connection and what it heard. */
interface End {
  readonly socket: Socket
  heard: string
  over: 'no' | 'end' | 'reset'
}

interface Stage {
  readonly proxy: ChaosProxy
  /** A connection through the proxy, both ends. */
  pair(): Promise<{ readonly near: End; readonly far: End }>
  call(): Promise<End>
  readonly answered: readonly End[]
}

async function stage(context: TestContext): Promise<Stage> {
  const answered: End[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => answered.push(endOf(socket)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const proxy = await ChaosProxy.start({ target: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } })
  const called: End[] = []
  const call = async () => {
    const end = endOf(connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true }))
    called.push(end)
    await once(end.socket, 'connect')
    return end
  }
  context.after(async () => {
    await proxy.stop()
    for (const { socket } of [...called, ...answered]) socket.destroy()
    server.close()
  })
  return {
    proxy,
    call,
    answered,
    async pair() {
      const before = answered.length
      const near = await call()
      await until(() => answered.length > before)
      return { near, far: answered[before] as End }
    },
  }
}

function endOf(socket: Socket): End {
  const end: End = { socket, heard: '', over: 'no' }
  socket.on('data', (chunk) => {
    end.heard += chunk
  })
  socket.on('end', () => {
    end.over = 'end'
  })
  socket.on('error', () => {
    end.over = 'reset'
  })
  return end
}

async function until(condition: () => boolean): Promise<void> {
  assert.notEqual(await waitUntil(realClock, { patienceMs: 5000, everyMs: 2 }, condition), undefined, 'it never came')
}

/** Round trips of another connection: whatever should have come is there by then. */
async function meanwhile({ pair }: Stage): Promise<void> {
  const { near, far } = await pair()
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.socket.write('x')
    await until(() => to.heard === 'x')
  }
  near.socket.destroy()
}

test('[CA8] what nobody treats passes both ways, its end and its reset too', async (context) => {
  const { pair } = await stage(context)
  const { near, far } = await pair()
  near.socket.write('forth')
  far.socket.write('back')
  await until(() => far.heard === 'forth' && near.heard === 'back')
  near.socket.end()
  await until(() => far.over === 'end')
  far.socket.write(' and more')
  await until(() => near.heard === 'back and more')
  const other = await pair()
  other.far.socket.resetAndDestroy()
  await until(() => other.near.over === 'reset')
})

test('[CA8] a wire that is held is silent for old and new connections, and loses nothing', async (context) => {
  const here = await stage(context)
  const { proxy, pair, call, answered } = here
  const { near, far } = await pair()
  const wire = proxy.wire((caller) => caller === undefined)
  wire.treat({ forth: { kind: 'hold' }, back: { kind: 'hold' } })
  near.socket.write('one ')
  far.socket.write('two ')
  const late = await call()
  late.socket.write('three')
  near.socket.end()
  assert.equal(wire.connections, 2)
  const open = await stage(context)
  await meanwhile(open)
  assert.deepEqual([far.heard, far.over, near.heard, answered.length], ['', 'no', '', 1])
  wire.heal()
  await until(() => far.heard === 'one ' && far.over === 'end' && near.heard === 'two ')
  await until(() => answered[1]?.heard === 'three')
})

test('[CA8] a wire that is held one way passes the other way', async (context) => {
  const { proxy, pair } = await stage(context)
  const { near, far } = await pair()
  const wire = proxy.wire()
  wire.treat({ back: { kind: 'hold' } })
  far.socket.write('unheard')
  near.socket.write('heard')
  await until(() => far.heard === 'heard')
  assert.equal(near.heard, '')
  wire.heal()
  await until(() => near.heard === 'unheard')
})

test('[CA8] what was swallowed stays half-open for ever, and new connections are well', async (context) => {
  const here = await stage(context)
  const { near, far } = await here.pair()
  const wire = here.proxy.wire()
  wire.treat({ forth: { kind: 'swallow' }, back: { kind: 'swallow' } })
  wire.heal()
  near.socket.write('lost')
  near.socket.end()
  await meanwhile(here)
  assert.deepEqual([far.heard, far.over], ['', 'no'])
})

test('[CA8] a cut resets both ends', async (context) => {
  const { proxy, pair } = await stage(context)
  const { near, far } = await pair()
  proxy.wire().cut()
  await until(() => near.over === 'reset' && far.over === 'reset')
})

test('[CA8] a delay keeps the order, and everything comes late', async (context) => {
  const { proxy, pair } = await stage(context)
  const { near, far } = await pair()
  proxy.wire().treat({ forth: { kind: 'delay', ms: 40 } })
  const startMs = performance.now()
  for (const word of ['a', 'b', 'c']) near.socket.write(word)
  await until(() => far.heard === 'abc')
  assert.ok(performance.now() - startMs >= 40)
})

test('[CA8] a trickle lets a few bytes pass at a time', async (context) => {
  const { proxy, pair } = await stage(context)
  const { near, far } = await pair()
  proxy.wire().treat({ forth: { kind: 'pace', bytes: 2, everyMs: 10 } })
  const startMs = performance.now()
  near.socket.write('0123456789')
  await until(() => far.heard === '0123456789')
  assert.ok(performance.now() - startMs >= 40)
})

test('[CA8] a judge cuts within a chunk: what comes before still arrives, nothing behind it does', async (context) => {
  const { proxy, pair } = await stage(context)
  const { near, far } = await pair()
  const judge = () => (chunk: Uint8Array) => {
    const at = Buffer.from(chunk).indexOf('!')
    return at < 0 ? undefined : at
  }
  proxy.wire().treat({ back: { kind: 'cut-at', judge } })
  far.socket.write('whole ')
  await until(() => near.heard === 'whole ')
  far.socket.write('half!gone')
  await until(() => near.over === 'reset' && far.over === 'reset')
  assert.equal(near.heard, 'whole half')
})

test('[CA8] once its target died it refuses calls as the target would, until the target is back', async (context) => {
  const target = createServer((socket) => socket.destroy())
  await once(target.listen(0, '127.0.0.1'), 'listening')
  const { port } = target.address() as AddressInfo
  const proxy = await ChaosProxy.start({ target: { host: '127.0.0.1', port } })
  context.after(async () => {
    await proxy.stop()
    target.close()
  })
  const address = { host: '127.0.0.1', port: proxy.port }
  const back = proxy.refuseUntilBack()
  target.close()
  const [refusal] = await once(connect(address), 'error')
  assert.equal(refusal.code, 'ECONNREFUSED')
  target.listen(port, '127.0.0.1')
  await back
  const call = connect(address)
  await once(call, 'connect')
  call.destroy()
})
