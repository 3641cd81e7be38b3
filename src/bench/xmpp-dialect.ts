import type { Dialect, Place, Session, Wire } from './dialect.ts'

/**
 * XMPP over WebSocket (RFC 7395) as ejabberd speaks it: SASL ANONYMOUS, a room of XEP-0045 for each conversation. A word
 * is acknowledged when the room gives it back to its speaker, which ejabberd does after the archive has it. A client that
 * comes back joins again and says again what was not answered, but asks nobody for what it missed.
 */
export const xmppDialect: Dialect = {
  subprotocol: 'xmpp',
  url: (address) => `${address}/xmpp`,
  session: (place, wire) => new XmppSession(place, wire),
}

const HOST = 'localhost'
const OPEN = `<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="${HOST}" version="1.0"/>`
const AUTH = '<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>'
const BIND = '<iq type="set" id="bind"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>'
const NO_HISTORY = '<x xmlns="http://jabber.org/protocol/muc"><history maxstanzas="0"/></x>'
/** The room's own presence of the one that it is sent to: it is in the room. */
const OWN_PRESENCE = "<status code='110'/>"
const ERROR = " type='error'"

class XmppSession implements Session {
  readonly #room: string
  readonly #nick: string
  readonly #instance: string
  /** How the number of an own word begins in a frame; an attribute of the message stands before those of its children. */
  readonly #ownId: string
  readonly #wire: Wire

  constructor({ conversation, instance }: Place, wire: Wire) {
    this.#room = `${conversation}@conference.${HOST}`
    // A room has no name twice.
    this.#nick = instance
    this.#instance = instance
    this.#ownId = ` id='${instance}-`
    this.#wire = wire
  }

  opened(): void {
    this.#wire.send(OPEN)
  }

  heard(frame: string): void {
    if (frame.startsWith('<message')) this.#message(frame)
    else if (frame.startsWith('<presence')) {
      if (frame.includes(OWN_PRESENCE)) this.#wire.ready()
      else if (frame.includes(ERROR)) this.#wire.refused()
    } else if (frame.startsWith('<stream:features')) this.#wire.send(frame.includes('<mechanism>') ? AUTH : BIND)
    // The stream begins anew for who is now known.
    else if (frame.startsWith('<success')) this.#wire.send(OPEN)
    else if (frame.startsWith('<iq'))
      this.#wire.send(`<presence to="${this.#room}/${this.#nick}">${NO_HISTORY}</presence>`)
    else if (frame.startsWith('<failure')) this.#wire.refused()
  }

  say(n: number, text: string): void {
    const id = `${this.#instance}-${n}`
    this.#wire.send(`<message to="${this.#room}" type="groupchat" id="${id}"><body>${text}</body></message>`)
  }

  #message(frame: string): void {
    const refused = frame.includes(ERROR)
    // The subject of the room has no body.
    if (!refused && frame.includes('<body>')) this.#wire.given(frame)
    const at = frame.indexOf(this.#ownId)
    if (at < 0) return
    const n = Number.parseInt(frame.slice(at + this.#ownId.length), 10)
    if (refused) this.#wire.refused(n)
    else this.#wire.acknowledged(n)
  }
}
