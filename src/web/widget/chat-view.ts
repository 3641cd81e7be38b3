import type { StatusLine } from '../calm-status.ts'
import type { NoticeLine } from '../timeline.ts'
import { ChatComposer, type ComposerActs } from './chat-composer.ts'
import { ChatLog, type LogActs, type LogView } from './chat-log.ts'
import { CHAT_STYLES } from './chat-styles.ts'
import { element, icon, lineNode } from './dom-build.ts'

/** Everything that the widget shows at one moment. */
export interface ChatModel {
  readonly open: boolean
  readonly title: string
  /** Below the title: who is there. */
  readonly subtitle: string
  /** `loading`: nothing of the conversation is known yet. `failed`: no token can be had. */
  readonly phase: 'loading' | 'failed' | 'ready' | 'closed'
  readonly log: LogView
  readonly typing?: string
  /** A notice that is not kept. */
  readonly notice?: NoticeLine
  readonly status?: StatusLine
  readonly unread: number
}

export interface ChatActs extends LogActs, ComposerActs {
  toggle(open: boolean): void
  /** Ends the conversation for everybody. */
  end(): void
  /** After the end: begins another conversation. */
  startAgain(): void
  /** After a failure: asks for the token again. */
  tryAgain(): void
}

const CHAT = 'M20 11.5a7.5 7.5 0 0 1-7.5 7.5c-1.3 0-2.5-.3-3.6-.9L4 19.5l1.4-4.6A7.5 7.5 0 1 1 20 11.5Z'
const DOWN = 'M6 9.5l6 6l6-6'
const LEAVE = 'M14 4H7a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h7M17 8.5l3.5 3.5L17 15.5M20 12h-9.5'

/** The widget's elements inside its shadow root. Knows how things look, nothing of connections. */
export class ChatView {
  readonly composer: ChatComposer
  readonly #acts: ChatActs
  readonly #log: ChatLog
  readonly #title = element('h2')
  readonly #subtitle = element('p')
  readonly #status = element('div', { class: 'status', role: 'status', 'aria-live': 'polite' })
  readonly #typing = element('div', { class: 'typing', 'aria-hidden': 'true' })
  readonly #notice = element('div', { class: 'notice', role: 'status' })
  readonly #skeleton = element('div', { class: 'skeleton' }, element('i'), element('i'), element('i'))
  readonly #centre = element('div', { class: 'centre', hidden: true })
  readonly #ask: HTMLElement
  readonly #restart: HTMLElement
  readonly #leave: HTMLButtonElement
  readonly #panel: HTMLElement
  readonly #launcher: HTMLButtonElement
  readonly #badge = element('span', { class: 'badge', hidden: true })
  #phase: ChatModel['phase'] | undefined
  #noticeShown: NoticeLine | undefined

  constructor(root: ShadowRoot, acts: ChatActs) {
    this.#acts = acts
    this.#log = new ChatLog(acts)
    this.composer = new ChatComposer(acts)
    this.#ask = this.#makeQuestion()
    this.#restart = element('div', { class: 'ask', hidden: true }, element('span', {}, 'This conversation has ended.'))
    this.#restart.append(button('plain strong', 'Start a new one', () => acts.startAgain()))
    this.#leave = element(
      'button',
      { class: 'tool', type: 'button', 'aria-label': 'End conversation', hidden: true },
      icon(LEAVE),
    )
    this.#leave.addEventListener('click', () => this.#askToEnd(true))
    this.#panel = this.#makePanel()
    this.#launcher = element('button', { class: 'launcher', part: 'launcher', type: 'button' }, icon(CHAT), this.#badge)
    this.#launcher.setAttribute('aria-controls', 'panel')
    this.#launcher.addEventListener('click', () => acts.toggle(this.#panel.hasAttribute('hidden')))
    const styles = new CSSStyleSheet()
    styles.replaceSync(CHAT_STYLES)
    root.adoptedStyleSheets = [styles]
    root.append(this.#panel, this.#launcher)
  }

  /** Moves the keyboard to where it belongs after opening or closing. */
  focus(): void {
    if (this.#panel.hidden) this.#launcher.focus()
    else this.composer.focus()
  }

  update(model: ChatModel): void {
    this.#panel.hidden = !model.open
    setText(this.#title, model.title)
    setText(this.#subtitle, model.subtitle)
    this.#panel.setAttribute('aria-label', model.title)
    this.#showPhase(model.phase)
    this.#log.update(model.log)
    this.#showStatus(model.status)
    this.#showTyping(model.typing)
    this.#showNotice(model.notice)
    this.#showLauncher(model)
  }

  /** After a message of one's own: where it appears is where one wants to look. */
  follow(): void {
    this.#log.follow()
  }

  #makePanel(): HTMLElement {
    const close = element('button', { class: 'tool', type: 'button', 'aria-label': 'Close chat' }, icon(DOWN))
    close.addEventListener('click', () => this.#acts.toggle(false))
    // An empty title of its own: the element's `title` attribute is a headline here, not a tooltip.
    const panel = element('section', {
      class: 'panel',
      part: 'panel',
      id: 'panel',
      role: 'dialog',
      title: '',
      hidden: true,
    })
    panel.append(
      element(
        'header',
        { class: 'head' },
        element('div', { class: 'heading' }, this.#title, this.#subtitle),
        this.#leave,
        close,
      ),
      element('div', { class: 'body' }, this.#status, this.#log.node, this.#log.latest, this.#skeleton, this.#centre),
      element('div', { class: 'passing' }, this.#typing, this.#notice),
      element('footer', { class: 'foot' }, this.composer.node, this.#ask, this.#restart),
    )
    panel.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || event.isComposing) return
      event.stopPropagation()
      if (this.#ask.hidden) this.#acts.toggle(false)
      else this.#askToEnd(false)
    })
    return panel
  }

  #makeQuestion(): HTMLElement {
    const ask = element('div', { class: 'ask', role: 'group', 'aria-label': 'End conversation?', hidden: true })
    ask.append(
      element('span', {}, 'End this conversation?'),
      button('plain', 'Go on', () => this.#askToEnd(false)),
      button('plain strong', 'End', () => {
        this.#askToEnd(false)
        this.#acts.end()
      }),
    )
    return ask
  }

  #askToEnd(asking: boolean): void {
    this.#ask.hidden = !asking
    this.composer.node.hidden = asking
    if (asking) this.#ask.querySelector('button')?.focus()
    else this.composer.focus()
  }

  #showPhase(phase: ChatModel['phase']): void {
    if (phase === this.#phase) return
    this.#phase = phase
    this.#skeleton.hidden = phase !== 'loading'
    this.#log.node.setAttribute('aria-busy', String(phase === 'loading'))
    this.#leave.hidden = phase !== 'ready'
    this.#restart.hidden = phase !== 'closed'
    this.composer.node.hidden = phase === 'closed'
    if (phase === 'closed') this.#ask.hidden = true
    this.#centre.hidden = phase !== 'failed'
    if (phase === 'failed')
      this.#centre.replaceChildren(
        element('h3', {}, 'The chat cannot be reached'),
        element('p', {}, 'We keep trying. Nothing you wrote is lost.'),
        button('plain', 'Try now', () => this.#acts.tryAgain()),
      )
  }

  #showStatus(status: StatusLine | undefined): void {
    this.#status.classList.toggle('shown', status !== undefined)
    this.#status.classList.toggle('warning', status?.tone === 'warning')
    setText(this.#status, status?.text ?? '')
  }

  #showTyping(name: string | undefined): void {
    if (name === undefined) this.#typing.replaceChildren()
    else if (!this.#typing.textContent?.startsWith(name))
      this.#typing.replaceChildren(
        `${name} is typing`,
        element('span', { class: 'dots' }, element('i'), element('i'), element('i')),
      )
  }

  #showNotice(notice: NoticeLine | undefined): void {
    if (notice === this.#noticeShown) return
    this.#noticeShown = notice
    this.#notice.replaceChildren(...(notice ? [lineNode(notice)] : []))
  }

  #showLauncher(model: ChatModel): void {
    const unread = model.open ? 0 : model.unread
    this.#badge.hidden = unread === 0
    setText(this.#badge, unread > 99 ? '99+' : String(unread))
    const words = model.open ? 'Close chat' : unread > 0 ? `Open chat, ${unread} new` : 'Open chat'
    this.#launcher.setAttribute('aria-label', words)
    this.#launcher.setAttribute('aria-expanded', String(model.open))
  }
}

function button(look: string, words: string, act: () => void): HTMLButtonElement {
  return element('button', { class: look, type: 'button', onclick: act }, words)
}

/** Changes text only where it differs: live regions speak at every change. */
function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text
}
