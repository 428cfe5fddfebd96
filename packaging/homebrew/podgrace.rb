# The formula for a tap of Homebrew (https://docs.brew.sh/Formula-Cookbook).
# docs/release.md says what VERSION, ADDRESS and the SHA256 of each archive are; every line with one of them is replaced.
class Podgrace < Formula
  desc "Check that Pods of Kubernetes start, run and stop gracefully"
  homepage "ADDRESS"
  version "VERSION"
  license "Apache-2.0"

  on_macos do
    on_arm do
      url "ADDRESS/releases/download/vVERSION/podgrace-VERSION-darwin-arm64.tar.gz"
      sha256 "SHA256_DARWIN_ARM64"
    end
    on_intel do
      url "ADDRESS/releases/download/vVERSION/podgrace-VERSION-darwin-x64.tar.gz"
      sha256 "SHA256_DARWIN_X64"
    end
  end

  on_linux do
    on_arm do
      url "ADDRESS/releases/download/vVERSION/podgrace-VERSION-linux-arm64.tar.gz"
      sha256 "SHA256_LINUX_ARM64"
    end
    on_intel do
      url "ADDRESS/releases/download/vVERSION/podgrace-VERSION-linux-x64.tar.gz"
      sha256 "SHA256_LINUX_X64"
    end
  end

  def install
    bin.install "podgrace"
    generate_completions_from_executable(bin/"podgrace", "complete", shells: [:bash, :zsh, :fish])
  end

  test do
    assert_equal version.to_s, shell_output("#{bin}/podgrace --version").strip
  end
end
