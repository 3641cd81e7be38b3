import { element, icon } from './dom-build.ts'

export interface ComposerActs {
  /** `false`: nothing can be sent yet, the text stays. */
  send(text: string): boolean
  /** Something was typed. */
  typing(): void
}

const SEND = 'M5 12h13M12 5l7 7l-7 7'

/** Where the visitor writes. Enter sends, Shift with Enter begins a line; what is typed survives everything. */
export class ChatComposer {
  readonly node: HTMLFormElement
  readonly #text: HTMLTextAreaElement
  readonly #send: HTMLButtonElement
  readonly #acts: ComposerActs

  constructor(acts: ComposerActs) {
    this.#acts = acts
    this.#text = element('textarea', {
      rows: '1',
      placeholder: 'Write a message',
      'aria-label': 'Message',
      enterkeyhint: 'send',
      autocomplete: 'off',
      oninput: () => this.#changed(),
    })
    this.#send = element('button', { class: 'send', type: 'submit', disabled: true, 'aria-label': 'Send' }, icon(SEND))
    this.node = element('form', { class: 'composer' }, this.#text, this.#send)
    this.node.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#submit()
    })
    this.#text.addEventListener('keydown', (event) => {
      // While an input method composes, Enter chooses a word.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
      event.preventDefault()
      this.#submit()
    })
  }

  focus(): void {
    this.#text.focus()
  }

  get draft(): string {
    return this.#text.value
  }

  set draft(text: string) {
    this.#text.value = text
    this.#send.disabled = text.trim() === ''
  }

  #changed(): void {
    this.#send.disabled = this.draft.trim() === ''
    this.#acts.typing()
  }

  #submit(): void {
    const text = this.draft.trim()
    if (text !== '' && this.#acts.send(text)) this.draft = ''
  }
}
