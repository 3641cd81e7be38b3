import { codeParts } from './form-fields.ts'

/** A sentence of a schema: what stands between backticks is code. */
export function CodeText(props: { text: string }) {
  // The parts of a sentence stay where they are.
  return codeParts(props.text).map(({ code, text }, place) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: as above
    code ? <code key={place}>{text}</code> : <span key={place}>{text}</span>,
  )
}
