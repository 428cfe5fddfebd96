/** What of a request for a certificate cannot be in one. */
export type RequestField = 'commonName' | 'dnsNames' | 'ipAddresses' | 'validDays' | 'service' | 'namespace' | 'clusterDomain';

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
