// Assumptions behind a result, by their origin: measured with a platform, or guessed.
import { groupGuesses, type Measurements, wordMeasurement } from '../sync/guess-origins.ts';

interface AssumptionsProps {
  readonly guesses: object;
  readonly measured: Measurements;
}

export function Assumptions({ guesses, measured }: AssumptionsProps) {
  return (
    <>
      {groupGuesses(guesses, measured).map(({ measurement, guesses: ofOrigin }) => {
        const title = measurement === null ? 'Assumed' : wordMeasurement(measurement);
        return (
          <p key={title}>
            <strong>{title}:</strong> {ofOrigin.map(([name, value]) => `${name} ${value}`).join(', ')}
          </p>
        );
      })}
    </>
  );
}
