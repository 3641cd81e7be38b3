import assert from 'node:assert/strict'
import test from 'node:test'
import { pause } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { realClock } from '../base/real-clock-node.ts'
import { createOrLoadAuthority } from '../config/cluster-authority-node.ts'
import { stagedKeys } from '../config/private-keys-stage.ts'
import type { TokenAnswer } from '../protocol/rest-answers.ts'
import { servedStage } from './served-stage-node.ts'
import { SigningKeys } from './signing-keys-node.ts'

test('[SV60] a real node mails the transcript of a conversation that ended, once, to the address that its opener told', async (context) => {
  const { secret, store, mailbox, configure, serve } = await servedStage(context)
  await configure({ transcriptMails: true })
  const node = await serve('n1', (reason) => assert.fail(reason))
  const keys = stagedKeys(store, secret)
  const authority = await createOrLoadAuthority({ documents: store, keys })
  assert.ok(authority.kind === 'authority')
  const tokens = new SigningKeys({
    ...{ documents: store, keys, publicUrl: authority.cluster, clock: realClock, log: silentLog },
  })
  await tokens.start()
  const shop = tokens.issue(
    { kind: 'staff', subject: 'shop', name: 'Shop', role: 'bot', scopes: ['tokens', 'conversations'] },
    60_000,
  )
  tokens.stop()
  const post = async (path: string, body: object, token = shop) => {
    const response = await fetch(`${node.httpUrl}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    assert.ok(response.ok, `${path}: ${response.status} ${await response.clone().text()}`)
    return response.json() as Promise<unknown>
  }
  const opening = { key: 'order-17', name: 'Vera', subject: 'A chair', email: 'vera@example.com' }
  const { conversation, token } = (await post('/api/conversations', opening)) as TokenAnswer
  const own = `/api/conversations/${conversation}`
  await post(`${own}/messages`, { key: 'm1', text: 'It has <three> legs.' }, token)
  await post(`${own}/close`, { key: 'c' }, token)
  await post(`${own}/close`, { key: 'c' }, token)
  while ((await store.outbox.backlog()).waiting > 0) await pause(realClock, 20)
  const [mail, ...others] = mailbox.mails
  assert.ok(mail)
  assert.equal(others.length, 0)
  assert.equal(mail.to, 'vera@example.com')
  assert.match(mail.text, /Subject: Holdfast: your conversation, A chair/)
  // Long lines are broken on the way (RFC 2045, 6.7).
  const text = mail.text.replaceAll(/=\r?\n/g, '')
  assert.ok(text.includes('Vera: It has <three> legs.') && text.includes('It has &lt;three&gt; legs.'))
  // The visitor sees that something is there, and not what.
  const events = await fetch(`${node.httpUrl}${own}/events`, { headers: { authorization: `Bearer ${token}` } })
  assert.ok(!(await events.text()).includes('vera@example.com'))
})
