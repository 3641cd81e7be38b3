import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { realClock as clock } from '../base/real-clock-node.ts'
import { factsOf, selfSigned } from '../config/certificate-chain-node.ts'
import { Configuration } from '../config/configuration.ts'
import { resolveSettings } from '../config/settings.ts'
import { doctorFactsIn } from '../protocol/doctor-schema.ts'
import { answerDoctor, type DoctorFactsPorts, lookAround } from './doctor-facts-node.ts'
import { memberRow } from './http-stage.ts'
import { TlsFront } from './tls-front-node.ts'

async function listening(context: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  return (server.address() as AddressInfo).port
}

/** A node beside another one whose link listens and whose HTTP port does not; its database is not there. */
async function portsOf(context: TestContext): Promise<DoctorFactsPorts & { readonly fingerprint: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-facts-'))
  context.after(() => rmSync(dataDir, { recursive: true }))
  const made = await selfSigned(['127.0.0.1'], clock.wallMs())
  const httpPort = await listening(
    context,
    new TlsFront(made).serverFor((_request, response) => response.end()),
  )
  const link = await listening(
    context,
    createServer((socket) => socket.resume()),
  )
  const other = { ...memberRow('n1', ['chat']), httpUrl: 'http://127.0.0.1:1', relayAddress: `127.0.0.1:${link}` }
  const dead = { ...memberRow('n2', ['chat']), tombstoned: true }
  const env = {
    HOLDFAST_DATA_DIR: dataDir,
    HOLDFAST_HOST: '127.0.0.1',
    HOLDFAST_PUBLIC_URL: 'https://chat.example.com',
  }
  return {
    node: {
      self: () => ({ node: 'e1', incarnation: 'run-e1' }),
      members: () => [memberRow('e1', ['edge']), other, dead],
      onInspect() {},
    },
    settings: resolveSettings({ env }),
    clock,
    config: { keeper: { configuration: () => new Configuration(0), digest: 'd' } },
    secrets: { masterKeyState: async () => 'newest' },
    access: { databaseUrl: 'postgres://127.0.0.1:1/none' },
    certificates: { shown: () => ({ tls: true }) },
    httpUrl: () => `https://localhost:${httpPort}`,
    network: { address: () => '[::1]:9000' },
    fingerprint: factsOf(made.chain[0] ?? '').fingerprint,
  }
}

test('[SV115] a node tells what it really shows, what it reaches, and why the rest could not be seen', async (context) => {
  const ports = await portsOf(context)
  const facts = await lookAround(ports)
  assert.deepEqual(doctorFactsIn(JSON.parse(JSON.stringify(facts))), facts, 'another node understands all of it')
  assert.equal(facts.publicAddress?.publicUrl, 'https://chat.example.com')
  assert.equal(facts.certificate?.shown?.fingerprint, ports.fingerprint)
  assert.deepEqual(facts.ports?.listens, [
    { what: 'HTTP', port: Number(new URL(ports.httpUrl()).port) },
    { what: 'link', port: 9000 },
  ])
  const reached = facts.ports?.reaches.map(({ node, what, roundTripMs, reason }) => [
    ...[node, what, roundTripMs === undefined, reason],
  ])
  assert.deepEqual(reached, [
    ['n1', 'HTTP', true, 'ECONNREFUSED'],
    ['n1', 'link', false, ''],
  ])
  assert.deepEqual(Object.keys(facts.unseen).sort(), ['database', 'databaseClock', 'schema'])
  assert.match(facts.unseen.database ?? '', /No host of the database URL takes writes/)
  assert.equal(facts.masterKey?.state, 'newest')
  assert.ok((facts.disk?.freeBytes ?? 0) > 0 && (facts.memory?.usedBytes ?? 0) > 0)
  const silent = await lookAround({ ...ports, httpUrl: () => 'https://localhost:1' })
  assert.deepEqual(silent.certificate, { tls: true }, 'what it means to show is not what it shows')
})

test('[SV115] whoever asks while a node looks gets the answer of that look', async (context) => {
  const ports = await portsOf(context)
  let looks = 0
  const questions = new Map<string, (body: unknown) => Promise<unknown>>()
  answerDoctor({
    ...ports,
    node: {
      ...ports.node,
      onInspect: (question, answer) => questions.set(question, (body) => answer(body, ports.node.self())),
    },
    secrets: {
      async masterKeyState() {
        looks += 1
        return 'newest'
      },
    },
  })
  const ask = (question: string) => questions.get(question)?.({})
  const [first, second] = await Promise.all([ask('doctor'), ask('doctor')])
  assert.deepEqual([first === second, looks], [true, 1])
  await ask('doctor')
  assert.equal(looks, 2)
  assert.equal(typeof (await ask('wall-clock')), 'number')
})
