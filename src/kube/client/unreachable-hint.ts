/** Why the API server does not answer, in words that say what to look at. */

/** What to look at where a request gets no answer, as far as its error tells. */
export function hintOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'the connection is refused; is the cluster up, and is this its address?';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name cannot be resolved; is this the address of the cluster?';
    case 'CERT_NOT_YET_VALID':
    case 'CERT_HAS_EXPIRED':
      return `its certificate is ${error.code === 'CERT_HAS_EXPIRED' ? 'no longer' : 'not yet'} valid; is the clock of this machine right?`;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_SIGNATURE_FAILURE':
      return `its certificate does not verify (${error.code}); is the certificate-authority of the kubeconfig the cluster's?`;
    case 'EPROTO':
      return `it does not speak TLS (${tlsReasonIn(error.message)}); is this the address of an API server?`;
    default:
      return error.message;
  }
}

/** OpenSSL writes `…:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:…c:77:`. */
function tlsReasonIn(message: string): string {
  return /:SSL routines:[^:]*:([^:\n]+)/.exec(message)?.[1] ?? 'EPROTO';
}
