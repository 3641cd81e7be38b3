import { sentenceParts } from './alarms-facts.ts'

/** A sentence of the catalogue, with the commands in it set as commands. */
export function CatalogueSentence(props: { sentence: string }) {
  return <p>{sentenceParts(props.sentence).map(({ text, code }) => (code ? <code key={text}>{text}</code> : text))}</p>
}
