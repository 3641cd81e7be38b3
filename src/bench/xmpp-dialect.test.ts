import assert from 'node:assert/strict'
import test from 'node:test'
import type { Place, Wire } from './dialect.ts'
import { xmppDialect } from './xmpp-dialect.ts'

const PLACE: Place = { conversation: 'r1', sender: 'visitor', token: '', part: 'visitor', instance: 'one' }

const OPENED =
  "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='17' version='1.0' xml:lang='en' from='localhost'/>"
const MECHANISMS =
  "<stream:features xmlns:stream='http://etherx.jabber.org/streams'><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>ANONYMOUS</mechanism></mechanisms></stream:features>"
const SUCCESS = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
const FEATURES =
  "<stream:features xmlns:stream='http://etherx.jabber.org/streams'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"
const BOUND =
  "<iq xmlns='jabber:client' type='result' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>1@localhost/2</jid></bind></iq>"
const presence = (from: string, status: string) =>
  `<presence xmlns='jabber:client' to='1@localhost/2' from='r1@conference.localhost${from}'><x xmlns='http://jabber.org/protocol/muc#user'><item role='moderator' affiliation='owner'/>${status}</x></presence>`
const SUBJECT =
  "<message xmlns='jabber:client' to='1@localhost/2' from='r1@conference.localhost' type='groupchat'><subject/></message>"
const word = (id: string, text: string) =>
  `<message xmlns='jabber:client' xml:lang='en' to='1@localhost/2' from='r1@conference.localhost/one' type='groupchat' id='${id}'><stanza-id by='r1@conference.localhost' id='99' xmlns='urn:xmpp:sid:0'/><body>${text}</body></message>`
const refusal = (id: string) =>
  `<message xmlns='jabber:client' to='1@localhost/2' from='r1@conference.localhost' type='error' id='${id}'><error code='406' type='modify'/><body>hi</body></message>`

/** A session, what it sends, and what it tells. */
function sessionAt(place: Place) {
  const sent: string[] = []
  const told: string[] = []
  const wire: Wire = {
    send: (frame) => sent.push(frame),
    ready: () => told.push('ready'),
    given: (frame) => told.push(`given ${/<body>(.*)<\/body>/.exec(frame)?.[1]}`),
    acknowledged: (n) => told.push(`acknowledged ${n}`),
    refused: (n) => told.push(`refused ${n}`),
  }
  return { session: xmppDialect.session(place, wire), sent, told }
}

function joined(place = PLACE) {
  const stage = sessionAt(place)
  stage.session.opened()
  for (const frame of [OPENED, MECHANISMS, SUCCESS, OPENED, FEATURES, BOUND]) stage.session.heard(frame)
  return stage
}

test('[BE12] a client of ejabberd gives no password, takes a name, and is ready when its room has it', () => {
  const { session, sent, told } = joined()
  const kinds = sent.map((frame) => /^<(\w+)/.exec(frame)?.[1])
  assert.deepEqual(kinds, ['open', 'auth', 'open', 'iq', 'presence'])
  assert.match(sent[1] ?? '', /mechanism="ANONYMOUS"/)
  assert.match(sent[4] ?? '', /to="r1@conference\.localhost\/one".*<history maxstanzas="0"\/>/)
  session.heard(presence('', ''))
  session.heard(presence('/another', ''))
  assert.deepEqual(told, [])
  session.heard(presence('/one', "<status code='201'/><status code='110'/>"))
  session.heard(SUBJECT)
  assert.deepEqual(told, ['ready'])
})

test('[BE12] a word is acknowledged to its speaker when the room gives it back, and only given to others', () => {
  const { session, sent, told } = joined()
  session.say(7, '@@1.5@one.7@xx', 7)
  assert.equal(
    sent.at(-1),
    '<message to="r1@conference.localhost" type="groupchat" id="one-7"><body>@@1.5@one.7@xx</body></message>',
  )
  session.heard(word('one-7', 'own'))
  session.heard(word('two-8', 'another'))
  assert.deepEqual(told, ['given own', 'acknowledged 7', 'given another'])
  const agent = joined({ ...PLACE, part: 'agent', instance: 'two' })
  agent.session.heard(word('one-7', 'own'))
  assert.deepEqual(agent.told, ['given own'])
})

test('[BE12] a refused word, a refused room and a refused name are told, and a refused word is not given', () => {
  const { session, told } = joined()
  session.heard(refusal('one-7'))
  session.heard("<presence xmlns='jabber:client' type='error' from='r1@conference.localhost/one'/>")
  session.heard("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>")
  assert.deepEqual(told, ['refused 7', 'refused undefined', 'refused undefined'])
})
