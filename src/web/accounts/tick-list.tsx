import './tick-list.css'

/** Some of a few things, each with a sentence on what it means. */
export function TickList<Choice extends string>(props: {
  legend: string
  choices: readonly Choice[]
  meanings: Readonly<Record<Choice, string>>
  chosen: readonly Choice[]
  onChange: (chosen: readonly Choice[]) => void
}) {
  const { choices, meanings, chosen } = props
  return (
    <fieldset className="tick-list">
      <legend>{props.legend}</legend>
      {choices.map((choice) => (
        <label key={choice}>
          <input
            type="checkbox"
            checked={chosen.includes(choice)}
            onChange={({ currentTarget: { checked } }) =>
              props.onChange(choices.filter((each) => (each === choice ? checked : chosen.includes(each))))
            }
          />
          <span>
            <b>{choice}</b>
            <small>{meanings[choice]}</small>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
