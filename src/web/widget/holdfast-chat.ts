import { ChatController } from './chat-controller.ts'
import { pinnedVersion } from './chat-session-node.ts'

// The build puts the digest of the script here.
const VERSION = '__HOLDFAST_CHAT_VERSION__'
const TAG = 'holdfast-chat'

/**
 * The visitor's chat as an element.
 *
 *     <script src="https://chat.example.com/holdfast-chat.js" async></script>
 *     <holdfast-chat title="Help" name="Vera" token-url="/my-backend/chat-token"></holdfast-chat>
 *
 * `server`: address of the system; where the script came from, if absent. `token-url`: answers POST with a visitor's
 * token; the system's own entrance for anonymous visitors, if absent. `title`: headline. `name`: the visitor's.
 * `subject`: what the conversation is about. `open`: the panel is open; it comes and goes as the visitor opens and
 * closes it. The look: `--holdfast-accent` and its like, see `chat-styles.ts`.
 */
class HoldfastChat extends HTMLElement {
  static readonly observedAttributes = ['open']
  #chat: ChatController | undefined

  connectedCallback(): void {
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' })
    root.replaceChildren()
    const server = this.getAttribute('server') ?? serverOfScript()
    const settings = {
      title: this.getAttribute('title') ?? 'Chat with us',
      tokenUrl: this.getAttribute('token-url') ?? new URL('/api/demo/token', server).href,
      name: this.getAttribute('name') ?? undefined,
      subject: this.getAttribute('subject') ?? undefined,
      version: VERSION,
    }
    this.#chat = new ChatController(root, settings, (open) => this.toggleAttribute('open', open))
    this.#chat.show(this.hasAttribute('open'))
  }

  disconnectedCallback(): void {
    this.#chat?.stop()
    this.#chat = undefined
  }

  attributeChangedCallback(): void {
    this.#chat?.show(this.hasAttribute('open'))
  }
}

function scriptTag(): HTMLScriptElement | null {
  return document.querySelector<HTMLScriptElement>('script[src*="holdfast-chat"]')
}

function serverOfScript(): string {
  return scriptTag()?.src ?? location.href
}

/**
 * A conversation that began with another version goes on with that one, as long as it runs: its script is kept for
 * ever. Where it cannot be had, this version takes over.
 */
async function loadPinned(version: string): Promise<void> {
  try {
    await import(/* @vite-ignore */ new URL(`/assets/holdfast-chat-${version}.js`, serverOfScript()).href)
  } catch {
    define()
  }
}

function define(): void {
  if (!customElements.get(TAG)) customElements.define(TAG, HoldfastChat)
}

const pinned = pinnedVersion()
if (pinned !== undefined && pinned !== VERSION) void loadPinned(pinned)
else define()
