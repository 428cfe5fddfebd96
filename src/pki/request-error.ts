/** An invalid value in a request for a certificate, such as a name or a lifetime. */
export type RequestField = 'commonName' | 'dnsNames' | 'ipAddresses' | 'validDays' | 'service' | 'namespace';

export class CertificateRequestError extends RangeError {
  override readonly name = 'CertificateRequestError';
  readonly field: RequestField;
  /** What follows the name of the field: "must be …". */
  readonly requirement: string;

  constructor(field: RequestField, requirement: string) {
    super(`${field} ${requirement}`);
    this.field = field;
    this.requirement = requirement;
  }
}
