package io.keelson.image.registry;

import java.util.List;
import java.util.Map;

/**
 * How one registry service differs from the others, as far as a client sees it.
 *
 * @param repository as its names go
 * @param challenges to whoever comes without a token; {@code REALM} is its token server's address, {@code HOST} its own
 * @param tokenPath where tokens are had; empty for a service with passwords alone
 * @param ownTokenHost whether its token server is the registry itself
 * @param grants whom it gives tokens to
 * @param tokenFields what it calls a token in its answer
 * @param blobRedirect to a store that wants no Authorization; 0 for none
 * @param headers on all its answers
 * @param user who may pull
 * @param refusal of wrong credentials
 */
public record Quirks(
        String name,
        String repository,
        List<String> challenges,
        String tokenPath,
        boolean ownTokenHost,
        Grant grants,
        List<String> tokenFields,
        int blobRedirect,
        Map<String, String> headers,
        Credentials user,
        int refusal) {

    /** By what a token is had. */
    public enum Grant {
        ANYBODY,
        PASSWORD,
        /** By POST, for a refresh token; a GET with a password does as well. */
        REFRESH_TOKEN
    }

    private static final List<String> BOTH = List.of("token", "access_token");
    private static final Map<String, String> PLAIN = Map.of("Docker-Distribution-Api-Version", "registry/2.0");

    /** The services that clusters pull from. */
    public static final List<Quirks> ALL = List.of(
            new Quirks(
                    "Docker Hub",
                    "library/busybox",
                    List.of("Bearer realm=\"REALM\",service=\"registry.docker.io\",scope=\"repository:SCOPE:pull\""),
                    "/token",
                    false,
                    Grant.ANYBODY,
                    BOTH,
                    307,
                    Map.of("ratelimit-limit", "100;w=21600", "ratelimit-remaining", "3;w=21600"),
                    Credentials.NONE,
                    401),
            new Quirks(
                    "Harbor, a robot account",
                    "project/team/app",
                    List.of("Bearer realm=\"REALM\",service=\"harbor-registry\""),
                    "/service/token",
                    true,
                    Grant.PASSWORD,
                    BOTH,
                    0,
                    PLAIN,
                    Credentials.basic("robot$project+puller", "s3cret$+:x"),
                    401),
            new Quirks(
                    "Artifactory, repository path",
                    "docker-local/team/app",
                    List.of(
                            "Bearer realm=\"REALM\",service=\"HOST\",scope=\"repository:SCOPE:pull\", Basic realm=\"Artifactory Realm\""),
                    "/artifactory/api/docker/docker-local/v2/token",
                    true,
                    Grant.PASSWORD,
                    List.of("token"),
                    302,
                    Map.of("X-Artifactory-Id", "a:b"),
                    Credentials.basic("ci", "AKCp-s3cret"),
                    401),
            new Quirks(
                    "Artifactory, port",
                    "app",
                    List.of("Basic realm=\"Artifactory Realm\""),
                    "",
                    true,
                    Grant.PASSWORD,
                    BOTH,
                    302,
                    PLAIN,
                    Credentials.basic("ci", "AKCp-s3cret"),
                    401),
            new Quirks(
                    "ECR",
                    "team/app",
                    List.of(
                            "Basic realm=\"https://1.dkr.ecr.eu-central-1.amazonaws.com/\",service=\"ecr.amazonaws.com\""),
                    "",
                    true,
                    Grant.PASSWORD,
                    BOTH,
                    307,
                    PLAIN,
                    Credentials.of("", "", "QVdTOmV5SndZWGxz", "", "", ""),
                    403),
            new Quirks(
                    "ECR, public gallery",
                    "docker/library/busybox",
                    List.of("Bearer realm=\"REALM\",service=\"public.ecr.aws\",scope=\"aws\""),
                    "/token/",
                    true,
                    Grant.ANYBODY,
                    List.of("token"),
                    307,
                    PLAIN,
                    Credentials.NONE,
                    401),
            new Quirks(
                    "GCR",
                    "project/app",
                    List.of("Bearer realm=\"REALM\",service=\"gcr.io\""),
                    "/v2/token",
                    true,
                    Grant.PASSWORD,
                    BOTH,
                    302,
                    PLAIN,
                    Credentials.basic("_json_key", "{\n  \"type\": \"service_account\"\n}"),
                    401),
            new Quirks(
                    "Artifact Registry",
                    "project/repository/app",
                    List.of("Bearer realm=\"REALM\",service=\"us-docker.pkg.dev\",scope=\"repository:SCOPE:pull\""),
                    "/v2/token",
                    true,
                    Grant.PASSWORD,
                    List.of("token"),
                    302,
                    PLAIN,
                    Credentials.basic("oauth2accesstoken", "ya29.s3cret"),
                    403),
            new Quirks(
                    "Quay",
                    "team/app",
                    List.of("Bearer realm=\"REALM\",service=\"quay.io\",scope=\"repository:SCOPE:pull\""),
                    "/v2/auth",
                    true,
                    Grant.PASSWORD,
                    List.of("token"),
                    302,
                    PLAIN,
                    Credentials.basic("team+robot", "s3cret"),
                    401),
            new Quirks(
                    "GHCR",
                    "owner/app",
                    List.of("Bearer realm=\"REALM\",service=\"ghcr.io\",scope=\"repository:SCOPE:pull\""),
                    "/token",
                    true,
                    Grant.ANYBODY,
                    List.of("token"),
                    307,
                    PLAIN,
                    Credentials.NONE,
                    403),
            new Quirks(
                    "ACR, identity token",
                    "team/app",
                    List.of("Bearer realm=\"REALM\",service=\"HOST\",scope=\"repository:SCOPE:pull\""),
                    "/oauth2/token",
                    true,
                    Grant.REFRESH_TOKEN,
                    List.of("access_token"),
                    307,
                    PLAIN,
                    new Credentials("00000000-0000-0000-0000-000000000000", "", "refresh-s3cret", "", ""),
                    401),
            new Quirks(
                    "ACR, user and password",
                    "team/app",
                    List.of(
                            "Bearer realm=\"REALM\",service=\"HOST\",scope=\"repository:SCOPE:pull\"",
                            "Basic realm=\"HOST\""),
                    "/oauth2/token",
                    true,
                    Grant.REFRESH_TOKEN,
                    List.of("access_token"),
                    307,
                    PLAIN,
                    Credentials.basic("00000000-0000-0000-0000-000000000000", "refresh-s3cret"),
                    401));

    @Override
    public String toString() {
        return name;
    }
}
