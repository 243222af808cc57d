# syntax=docker/dockerfile:1
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet publish quality/Quality.csproj -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
# Releases since Debian 13 and Ubuntu 24.04 call the package ...t64.
RUN apt-get update \
    && (apt-get install -y --no-install-recommends libmongoc-1.0-0t64 || apt-get install -y --no-install-recommends libmongoc-1.0-0) \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /app /app
# The folder where `.quality` and `artifacts` go, should a command want them.
RUN ln -s /app/quality /usr/local/bin/quality && install -d -o "$APP_UID" /data /data/crm /data/report
WORKDIR /data
USER $APP_UID
ENTRYPOINT ["quality"]
CMD ["--help"]
