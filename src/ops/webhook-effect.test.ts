import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { ManualClock } from '../base/manual-clock.ts'
import { Configuration } from '../config/configuration.ts'
import { webhookEffect } from './webhook-effect-node.ts'

interface Heard {
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** A webhook on this machine that answers with one status after the other, the last one for ever. */
async function withHook(statuses: number[], use: (url: string, heard: readonly Heard[]) => Promise<void>) {
  const heard: Heard[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      heard.push({ headers: request.headers, text })
      const status = (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 200
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end()
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, heard)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

function effect(settings: Record<string, string>, secret: string | undefined = 'a secret') {
  const configuration = new Configuration(1, [{ name: 'settings', revision: 1, value: settings }])
  return webhookEffect({
    clock: new ManualClock(),
    configuration: () => configuration,
    secret: async (name) => (name === 'webhook-secret' ? secret : undefined),
  })
}

const item = { id: 'alarm:1:raised:webhook', lane: 'alarm:1:webhook', body: '{"event":"alarm"}', attempt: 1 }
const LOCAL = { webhookNetworks: '127.0.0.1' }

test('[OP48] a webhook is called with the item, its id, and a signature over time and body', async () => {
  await withHook([200], async (alarmWebhook, heard) => {
    assert.deepEqual(await effect({ alarmWebhook, ...LOCAL })(item), { kind: 'done' })
    const [call] = heard
    assert.equal(call?.text, item.body)
    assert.equal(call?.headers['holdfast-id'], item.id)
    const [, t = '', v1 = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(call?.headers['holdfast-signature'])) ?? []
    assert.equal(v1, createHmac('sha256', 'a secret').update(`${t}.${item.body}`).digest('hex'))
    assert.ok(!JSON.stringify(heard).includes('a secret'))
  })
})

test('[OP48] what may pass is tried again, a refusal and a redirect are not', async () => {
  const wanted = { 204: 'done', 301: 'never', 400: 'never', 404: 'never', 408: 'later', 429: 'later', 503: 'later' }
  for (const [status, kind] of Object.entries(wanted))
    await withHook([Number(status)], async (alarmWebhook, heard) => {
      assert.equal((await effect({ alarmWebhook, ...LOCAL })(item)).kind, kind, status)
      assert.equal(heard.length, 1)
    })
  assert.equal((await effect({ alarmWebhook: 'http://127.0.0.1:1/', ...LOCAL })(item)).kind, 'later')
})

test('[OP48] no address inside is called unless the configuration allows its network', async () => {
  await withHook([200], async (alarmWebhook, heard) => {
    assert.equal((await effect({ alarmWebhook })(item)).kind, 'never')
    assert.equal((await effect({ alarmWebhook, webhookNetworks: '10.0.0.0/8' })(item)).kind, 'never')
    assert.deepEqual(heard, [])
  })
})

test('[OP48] without a secret to sign by nothing is sent, and it waits; without an address it is given up', async () => {
  await withHook([200], async (alarmWebhook, heard) => {
    assert.equal((await effect({ alarmWebhook, ...LOCAL }, '')(item)).kind, 'later')
    assert.equal((await effect({})(item)).kind, 'never')
    assert.deepEqual(heard, [])
  })
})
