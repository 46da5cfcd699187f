// Maps an error of certs/ to the exit code for a wrong command line or input.
import { CertificateError } from '../../certs/certificate-error.ts';
import { invalidUsage } from '../exit-codes.ts';

/** Waits for `work`. @throws {CommandFailure} with exit code 2 instead of a CertificateError; rethrows other errors unchanged. */
export async function endOnCertificateError<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof CertificateError) throw invalidUsage(error.message, { cause: error });
    throw error;
  }
}
