/**
 * The look of the widget. A page changes it by custom properties on `holdfast-chat` (names below), never by reaching
 * in. Both schemes are always there; `color-scheme` on the element picks one, and by default the visitor's system does.
 */
export const CHAT_STYLES = `
:host {
  --accent: var(--holdfast-accent, light-dark(#0b6b66, #12807a));
  --accent-text: var(--holdfast-accent-text, #fff);
  --surface: var(--holdfast-surface, light-dark(#fff, #16191d));
  --raised: var(--holdfast-raised, light-dark(#f1f4f5, #242a30));
  --text: var(--holdfast-text, light-dark(#1b2328, #e8ecef));
  --muted: var(--holdfast-muted, light-dark(#5b676e, #9aa7af));
  --edge: var(--holdfast-edge, light-dark(#dfe5e8, #2f373e));
  --worry: var(--holdfast-worry, light-dark(#9a3412, #fdba74));
  --radius: var(--holdfast-radius, 18px);
  color-scheme: light dark;
  font: 15px/1.45 var(--holdfast-font, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif);
  position: fixed;
  right: var(--holdfast-right, 24px);
  bottom: var(--holdfast-bottom, 24px);
  z-index: var(--holdfast-z-index, 2147483000);
}
:host([hidden]) { display: none }
*, ::before, ::after { box-sizing: border-box }
[hidden] { display: none !important }
button, textarea { font: inherit; color: inherit }
button { cursor: pointer; border: 0; background: none }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.icon { width: 1.35em; height: 1.35em; display: block; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round }
.launcher { position: relative; display: grid; place-items: center; width: 58px; height: 58px; margin-left: auto; border-radius: 50%; background: var(--accent); color: var(--accent-text); box-shadow: 0 6px 20px rgb(0 0 0 / .22); transition: transform .15s }
.launcher:hover { transform: translateY(-2px) }
.launcher .icon { width: 26px; height: 26px }
.badge { position: absolute; top: -3px; right: -3px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px; background: light-dark(#b42318, #f97066); color: light-dark(#fff, #1b1110); font-size: 12px; font-weight: 700; line-height: 22px; text-align: center }
.panel { position: absolute; right: 0; bottom: 74px; display: flex; flex-direction: column; width: min(var(--holdfast-width, 384px), calc(100vw - 32px)); height: min(var(--holdfast-height, 620px), calc(100dvh - 122px)); overflow: hidden; border: 1px solid var(--edge); border-radius: var(--radius); background: var(--surface); color: var(--text); box-shadow: 0 12px 40px rgb(0 0 0 / .2), 0 2px 8px rgb(0 0 0 / .08); animation: rise .18s ease-out }
@keyframes rise { from { opacity: 0; transform: translateY(10px) } }
.head { display: flex; align-items: center; gap: 12px; padding: 14px 10px 14px 18px; background: var(--accent); color: var(--accent-text) }
.head :focus-visible { outline-color: currentColor }
.heading { flex: 1; min-width: 0 }
.heading h2, .heading p { margin: 0; overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
.heading h2 { font-size: 16px; font-weight: 650; line-height: 1.3 }
.heading p { font-size: 13px; opacity: .88; min-height: 1.45em }
.tool { display: grid; place-items: center; width: 38px; height: 38px; border-radius: 10px }
.tool:hover { background: rgb(255 255 255 / .14) }
.body { position: relative; flex: 1; min-height: 0; display: flex; flex-direction: column }
.log { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 18px 16px 6px; display: flex; flex-direction: column; scrollbar-width: thin }
.log:focus-visible { outline-offset: -3px }
.log > :first-child { margin-top: auto }
.status { position: absolute; inset: 8px 12px auto; z-index: 1; padding: 7px 14px; border-radius: 12px; font-size: 13px; text-align: center; background: var(--raised); color: var(--muted); border: 1px solid var(--edge); opacity: 0; transition: opacity .25s; pointer-events: none }
.status.shown { opacity: 1 }
.status.warning { color: var(--worry) }
.day, .line { align-self: center; max-width: 90%; margin: 10px 0; color: var(--muted); font-size: 12.5px; text-align: center; overflow-wrap: anywhere }
.line a { color: inherit }
.message { display: flex; flex-direction: column; align-items: flex-start; max-width: 84%; margin-top: 3px; align-self: flex-start }
.message.first { margin-top: 12px }
.message.mine { align-items: flex-end; align-self: flex-end }
.who { margin: 0 0 3px 12px; color: var(--muted); font-size: 12.5px }
.bubble { position: relative; max-width: 100%; padding: 8px 13px; border-radius: 16px; background: var(--raised); overflow-wrap: anywhere }
.message.first .bubble { border-top-left-radius: 16px }
.message .bubble { border-top-left-radius: 6px; border-bottom-left-radius: 6px }
.message.last .bubble { border-bottom-left-radius: 16px }
.mine .bubble, .mine.first .bubble, .mine.last .bubble { border-radius: 16px 6px 6px 16px; background: var(--accent); color: var(--accent-text) }
.mine.first .bubble { border-top-right-radius: 16px }
.mine.last .bubble { border-bottom-right-radius: 16px }
.mine.refused .bubble { background: var(--raised); color: var(--text); box-shadow: inset 0 0 0 1.5px var(--worry) }
.bubble > * { margin: 0 }
.bubble > * + * { margin-top: 6px }
.bubble ul, .bubble ol { padding-left: 20px }
.bubble a { color: inherit; text-underline-offset: 2px }
.bubble code { font: .9em ui-monospace, Menlo, Consolas, monospace; padding: 1px 4px; border-radius: 5px; background: rgb(128 128 128 / .2) }
.bubble pre { overflow-x: auto; padding: 8px 10px; border-radius: 8px; background: rgb(128 128 128 / .2) }
.bubble pre code { padding: 0; background: none }
.meta { display: flex; gap: 6px; align-items: center; min-height: 18px; margin: 2px 6px 0; color: var(--muted); font-size: 12px }
.meta .icon { width: 13px; height: 13px }
.meta.waiting { animation: appear .2s 1.2s backwards }
.meta.refused { color: var(--worry); flex-wrap: wrap; justify-content: flex-end }
.meta button { padding: 0 2px; color: inherit; font-weight: 600; text-decoration: underline; text-underline-offset: 2px }
@keyframes appear { from { opacity: 0 } }
.passing { display: flex; align-items: center; gap: 12px; height: 24px; padding: 0 20px; color: var(--muted); font-size: 12.5px }
.typing { display: flex; align-items: center; gap: 8px; flex: none }
.notice { flex: 1; min-width: 0; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; text-align: right }
.notice a { color: inherit }
.dots { display: flex; gap: 3px }
.dots i { width: 5px; height: 5px; border-radius: 50%; background: currentColor; animation: blink 1.2s infinite }
.dots i:nth-child(2) { animation-delay: .2s }
.dots i:nth-child(3) { animation-delay: .4s }
@keyframes blink { 0%, 60%, 100% { opacity: .3 } 30% { opacity: 1 } }
.latest { position: absolute; left: 50%; bottom: 8px; transform: translateX(-50%); padding: 5px 14px; border-radius: 16px; border: 1px solid var(--edge); background: var(--surface); font-size: 13px; box-shadow: 0 3px 12px rgb(0 0 0 / .14) }
.centre { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 6px; padding: 32px; text-align: center; color: var(--muted); background: var(--surface) }
.centre h3 { margin: 0; color: var(--text); font-size: 16px }
.centre p { margin: 0 }
.plain { margin-top: 10px; padding: 8px 18px; border-radius: 12px; border: 1px solid var(--edge); color: var(--text); font-weight: 600 }
.plain:hover { background: var(--raised) }
.plain.strong { background: var(--accent); border-color: transparent; color: var(--accent-text) }
.skeleton { position: absolute; inset: 0; padding: 24px 16px; display: flex; flex-direction: column; justify-content: flex-end; gap: 12px; background: var(--surface); animation: appear .2s .3s backwards }
.skeleton i { height: 38px; border-radius: 16px; background: var(--raised); animation: breathe 1.6s ease-in-out infinite }
.skeleton i:nth-child(1) { width: 62% }
.skeleton i:nth-child(2) { width: 46% }
.skeleton i:nth-child(3) { width: 55%; align-self: flex-end }
@keyframes breathe { 50% { opacity: .45 } }
.foot { padding: 4px 12px 12px }
.composer { display: flex; align-items: flex-end; gap: 6px; padding: 5px 5px 5px 14px; border: 1px solid var(--edge); border-radius: 22px; background: var(--surface) }
.composer:focus-within { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent) }
.composer textarea { flex: 1; min-width: 0; max-height: 140px; padding: 7px 0; border: 0; outline: 0; resize: none; background: none; field-sizing: content; scrollbar-width: thin }
.composer textarea::placeholder { color: var(--muted); opacity: 1 }
.send { display: grid; place-items: center; width: 36px; height: 36px; flex: none; border-radius: 50%; background: var(--accent); color: var(--accent-text); transition: opacity .15s }
.send:disabled { opacity: .35; cursor: default }
.send .icon { width: 19px; height: 19px }
.ask { display: flex; align-items: center; justify-content: flex-end; gap: 8px; padding: 2px 4px }
.ask span { flex: 1 }
.ask .plain { margin: 0; padding: 6px 14px }
.hint { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@media (max-width: 480px), (max-height: 520px) {
  .panel { position: fixed; inset: 0; width: auto; height: 100dvh; border: 0; border-radius: 0 }
  :host([open]) .launcher { display: none }
}
@media (prefers-reduced-motion: reduce) { *, ::before, ::after { animation-duration: .01s !important; transition: none !important } }
@media (forced-colors: active) { .bubble, .launcher, .send { border: 1px solid } }
`
