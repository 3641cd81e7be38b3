import type { Cancel } from '../../base/clock.ts'
import type { TokenAnswer } from '../../protocol/rest-answers.ts'
import { calmStatus, type StatusLine } from '../calm-status.ts'
import { type Connection, connect } from '../connection/connect.ts'
import { ConversationModel, type ConversationView } from '../conversation-model.ts'
import { pageClock } from '../page-clock-node.ts'
import { EMPTY_TIMELINE, type Entry, nameOf, unreadAfter } from '../timeline.ts'
import {
  type ChatSession,
  fetchToken,
  forgetSession,
  loadSession,
  saveSession,
  TokenRefused,
} from './chat-session-node.ts'
import { type ChatActs, type ChatModel, ChatView } from './chat-view.ts'

/** What the page says about the chat, by attributes. */
export interface ChatSettings {
  readonly title: string
  readonly tokenUrl: string
  readonly name: string | undefined
  readonly subject: string | undefined
  /** The widget's own version. */
  readonly version: string
}

interface Running {
  readonly connection: Connection
  readonly model: ConversationModel
  readonly me: string
  connectionSinceMs: number
}

const TOKEN_RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000]
// One token that did not come is not news yet.
const FAILURES_SHOWN = 2

const NO_VIEW: ConversationView = {
  timeline: EMPTY_TIMELINE,
  entries: [],
  loaded: false,
  joining: false,
  typing: [],
  seenByOthers: 0,
  status: 'live',
  statusSinceMs: 0,
}

/** Keeps the conversation and what is shown of it together. Nothing is asked of a server before the chat is opened. */
export class ChatController implements ChatActs {
  readonly #settings: ChatSettings
  readonly #view: ChatView
  readonly #onToggle: (open: boolean) => void
  #open = false
  #starting = false
  #failures = 0
  #session: ChatSession | undefined
  #running: Running | undefined
  #cancelRetry: Cancel = () => {}
  #cancelStatus: Cancel = () => {}

  constructor(root: ShadowRoot, settings: ChatSettings, onToggle: (open: boolean) => void) {
    this.#settings = settings
    this.#onToggle = onToggle
    this.#view = new ChatView(root, this)
    document.addEventListener('visibilitychange', this.#render)
    this.#session = loadSession()
    this.#view.composer.draft = this.#session?.draft ?? ''
    // A conversation that runs goes on, to count what is new.
    if (this.#session) void this.#start()
    this.#render()
  }

  /** Opens or closes the panel, without moving the keyboard. */
  show(open: boolean): void {
    this.#open = open
    if (open) void this.#start()
    this.#render()
  }

  toggle(open: boolean): void {
    this.#onToggle(open)
    this.#view.focus()
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.#render)
    this.#stopRunning()
  }

  send(text: string): boolean {
    const running = this.#running
    if (!running) return false
    running.model.send({ type: 'message', format: 'text', text })
    this.#view.follow()
    this.#remember({ draft: '' })
    return true
  }

  typing(): void {
    this.#running?.model.typing()
    this.#remember({ draft: this.#view.composer.draft })
  }

  retry(key: string): void {
    this.#running?.model.retry(key)
  }

  discard(key: string): void {
    this.#running?.model.discard(key)
  }

  end(): void {
    this.#running?.model.send({ type: 'close', reason: 'by-visitor' })
  }

  startAgain(): void {
    this.#stopRunning()
    this.#session = undefined
    forgetSession()
    void this.#start()
    this.#render()
    this.#view.composer.focus()
  }

  tryAgain(): void {
    this.#stopRunning()
    this.#failures = 0
    void this.#start()
    this.#render()
  }

  async #start(): Promise<void> {
    if (this.#running || this.#starting) return
    this.#starting = true
    try {
      this.#session ??= this.#sessionOf(await this.#askToken())
      this.#failures = 0
      this.#run(this.#session)
    } catch {
      const waitMs = TOKEN_RETRY_MS[Math.min(this.#failures, TOKEN_RETRY_MS.length - 1)] ?? 0
      this.#failures += 1
      this.#cancelRetry = pageClock.after(waitMs, () => void this.#start())
    } finally {
      this.#starting = false
      this.#render()
    }
  }

  #run(session: ChatSession): void {
    const { conversation = '', subject, addresses } = session.token
    const connection = connect({
      addresses,
      token: this.#tokenSource(session),
      library: this.#settings.version,
      eventsMax: 0,
      storageKey: `holdfast:outbox:${conversation}`,
    })
    const model = new ConversationModel(connection.conversation(conversation), { me: subject, clock: pageClock })
    const running: Running = { connection, model, me: subject, connectionSinceMs: pageClock.monotonicMs() }
    connection.onState.listen(() => {
      running.connectionSinceMs = pageClock.monotonicMs()
      this.#render()
    })
    model.subscribe(this.#render)
    this.#running = running
    this.#remember({})
  }

  /** The token at hand first; whenever it is asked for again, that one was refused and a fresh one is needed. */
  #tokenSource(session: ChatSession): () => Promise<string> {
    let atHand: string | undefined = session.token.token
    return async () => {
      const first = atHand
      atHand = undefined
      if (first !== undefined) return first
      try {
        const token = await this.#askToken(this.#session?.token.token)
        this.#session = this.#session && { ...this.#session, token }
        this.#remember({})
        return token.token
      } catch (error) {
        // The system does not know this conversation any more; a new one can begin.
        if (error instanceof TokenRefused) this.startAgain()
        throw error
      }
    }
  }

  #askToken(token?: string): Promise<TokenAnswer> {
    const { tokenUrl, name, subject } = this.#settings
    return fetchToken(tokenUrl, {
      ...(name !== undefined && { name }),
      ...(subject !== undefined && { topic: subject }),
      ...(token !== undefined && { token }),
    })
  }

  #sessionOf(token: TokenAnswer): ChatSession {
    return { token, version: this.#settings.version, seenSeq: 0, draft: this.#view.composer.draft, changedAt: 0 }
  }

  #remember(change: Partial<Pick<ChatSession, 'draft' | 'seenSeq'>>): void {
    if (!this.#session) return
    this.#session = { ...this.#session, ...change }
    saveSession(this.#session)
  }

  #stopRunning(): void {
    this.#cancelRetry()
    this.#cancelStatus()
    this.#running?.model.close()
    this.#running?.connection.close()
    this.#running = undefined
  }

  readonly #render = (): void => {
    const view = this.#running?.model.view() ?? NO_VIEW
    this.#markSeen(view)
    this.#view.update(this.#model(view))
  }

  #markSeen(view: ConversationView): void {
    const { headSeq } = view.timeline
    if (!this.#open || document.hidden || headSeq <= (this.#session?.seenSeq ?? 0)) return
    this.#running?.model.seen()
    this.#remember({ seenSeq: headSeq })
  }

  #model(view: ConversationView): ChatModel {
    const me = this.#running?.me ?? ''
    const { timeline } = view
    const [typing] = view.typing
    const status = this.#status(view)
    return {
      open: this.#open,
      title: this.#settings.title,
      subtitle: subtitleOf(view),
      phase: this.#phase(view),
      log: {
        me,
        entries: view.entries.filter((entry) => isShownTo(me, entry)),
        nameOf: (id) => nameOf(timeline, id),
        seenSeq: view.seenByOthers,
      },
      unread: unreadAfter(timeline, me, this.#session?.seenSeq ?? 0),
      ...(typing !== undefined && { typing: nameOf(timeline, typing) }),
      ...(view.notice && { notice: view.notice }),
      ...(status && { status }),
    }
  }

  #phase(view: ConversationView): ChatModel['phase'] {
    if (view.timeline.closed !== undefined) return 'closed'
    if (view.ended !== undefined || (!this.#running && this.#failures >= FAILURES_SHOWN)) return 'failed'
    return view.loaded || view.entries.length > 0 ? 'ready' : 'loading'
  }

  #status(view: ConversationView): StatusLine | undefined {
    this.#cancelStatus()
    const running = this.#running
    if (!running || !this.#open) return undefined
    const { line, againInMs } = calmStatus({
      connection: running.connection.state,
      connectionSinceMs: running.connectionSinceMs,
      conversation: view.status,
      conversationSinceMs: view.statusSinceMs,
      nowMs: pageClock.monotonicMs(),
    })
    if (againInMs !== undefined) this.#cancelStatus = pageClock.after(againInMs, this.#render)
    return line
  }
}

function subtitleOf({ timeline }: ConversationView): string {
  if (timeline.closed !== undefined) return 'Ended'
  const { agent } = timeline
  return agent !== undefined && timeline.present.has(agent)
    ? `${nameOf(timeline, agent)} is here`
    : 'Usually answers soon'
}

/** That oneself came is no news. */
function isShownTo(me: string, entry: Entry): boolean {
  return entry.kind !== 'line' || entry.type !== 'joined' || entry.from !== me
}
