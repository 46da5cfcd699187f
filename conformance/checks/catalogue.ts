// Owns the list of all checks, by topic, in the order in which they run. A new topic is a file and a line here.
import type { Topic } from '../check.ts';
import { authentication } from './authentication.ts';
import { authenticationChallenges } from './authentication-challenges.ts';
import { basic } from './basic.ts';
import { body } from './body.ts';
import { clientCertificate } from './client-certificate.ts';
import { consistency } from './consistency.ts';
import { encoding } from './encoding.ts';
import { errorAnswers } from './error-answers.ts';
import { errorDisclosure } from './error-disclosure.ts';
import { expectedData } from './expected-data.ts';
import { identity } from './identity.ts';
import { identityMetaCharacters } from './identity-meta-characters.ts';
import { identitySpelling } from './identity-spelling.ts';
import { knownToStrangers } from './known-to-strangers.ts';
import { knownUser } from './known-user.ts';
import { methods } from './methods.ts';
import { robustness } from './robustness.ts';
import { sourceFailure } from './source-failure.ts';
import { strangers } from './strangers.ts';
import { tlsTopic } from './tls.ts';
import { unknownUser } from './unknown-user.ts';
import { userid } from './userid.ts';
import { useridSyntax } from './userid-syntax.ts';

/** Checks that ask with wrong credentials come last: should they trip a limit, the rest has been judged. */
export const catalogue: readonly Topic[] = [
  knownUser,
  encoding,
  body,
  unknownUser,
  userid,
  useridSyntax,
  identity,
  identityMetaCharacters,
  identitySpelling,
  methods,
  errorAnswers,
  errorDisclosure,
  consistency,
  expectedData,
  robustness,
  tlsTopic,
  clientCertificate,
  strangers,
  basic,
  // Last of all: should the source not come back, everything else has been judged.
  sourceFailure,
  authentication,
  authenticationChallenges,
  knownToStrangers,
];
