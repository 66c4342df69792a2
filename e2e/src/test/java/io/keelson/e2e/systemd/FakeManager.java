package io.keelson.e2e.systemd;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.interfaces.Properties;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import org.freedesktop.systemd1.NoSuchUnit;
import org.freedesktop.systemd1.UnitExists;

/** systemd's manager: units by name, and their groups. */
final class FakeManager implements ManagerObject, Properties {
    static final String PATH = "/org/freedesktop/systemd1";
    private static final long LOOK_MILLIS = 20;

    private record Unit(String name, String group, Map<String, Object> properties) {
        boolean isScope() {
            return name.endsWith(".scope");
        }
    }

    private final Map<String, Unit> units = new LinkedHashMap<>();
    private final UnitGroups groups = new UnitGroups();
    private final AtomicInteger jobs = new AtomicInteger();
    private final CountDownLatch end = new CountDownLatch(1);
    private final AtomicInteger unanswered = new AtomicInteger();
    /** By the limit of memory that a unit is to have, which tells pods apart whose names are not known before. */
    final Map<Long, Trouble> troubles = new ConcurrentHashMap<>();

    private volatile DBusConnection connection;
    private final Thread collector = Thread.ofPlatform().name("empty-scopes").start(this::collect);

    void answerOn(DBusConnection bus) {
        connection = bus;
    }

    @Override
    public DBusPath startTransientUnit(
            String name, String mode, List<Property> properties, List<AuxiliaryUnit> auxiliary) {
        var values = values(properties);
        var trouble = trouble(values);
        trouble.ifPresent(Trouble::refuse);
        synchronized (this) {
            if (units.containsKey(name)) {
                throw new UnitExists(name);
            }
            var parent = name.endsWith(".slice")
                    ? ""
                    : directory(values.getOrDefault("Slice", "system.slice").toString());
            var unit = new Unit(name, name.endsWith(".slice") ? directory(name) : parent + "/" + name, values);
            groups.make(unit.group());
            units.put(name, unit);
            UnitGroups.move(unit.group(), pids(values));
            UnitGroups.limit(unit.group(), values);
        }
        return job(name, trouble);
    }

    @SuppressWarnings("unchecked")
    private static Collection<? extends Number> pids(Map<String, Object> values) {
        return (Collection<? extends Number>) values.getOrDefault("PIDs", List.of());
    }

    private Optional<Trouble> trouble(Map<String, Object> values) {
        var limit = values.get("MemoryLimit");
        var trouble = limit instanceof Number number
                ? Optional.ofNullable(troubles.get(number.longValue()))
                : Optional.<Trouble>empty();
        if (trouble.equals(Optional.of(Trouble.NO_ANSWER))) {
            unanswered.incrementAndGet();
            awaitEnd();
            throw new IllegalStateException("nobody waits for this any more");
        }
        return trouble;
    }

    private void awaitEnd() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private DBusPath job(String unit, Optional<Trouble> trouble) {
        var number = jobs.incrementAndGet();
        var path = new DBusPath(PATH + "/job/" + number);
        var result = trouble.map(Trouble::result).orElse(Optional.of("done"));
        result.ifPresent(how -> tell(number, path, unit, how));
        return path;
    }

    private void tell(int number, DBusPath job, String unit, String result) {
        try {
            connection.sendMessage(new JobRemoved(PATH, new UInt32(number), job, unit, result));
        } catch (DBusException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public DBusPath stopUnit(String name, String mode) {
        synchronized (this) {
            if (!units.containsKey(name) && !name.endsWith(".slice")) {
                throw new NoSuchUnit(name);
            }
            var group = Optional.ofNullable(units.get(name)).map(Unit::group).orElseGet(() -> directory(name));
            UnitGroups.pids(group).forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
            for (var round = 0; round < 100 && !UnitGroups.pids(group).isEmpty(); round++) {
                pause();
            }
            units.values()
                    .removeIf(unit -> unit.name().equals(name) || unit.group().startsWith(group + "/"));
            groups.remove(group);
        }
        return job(name, Optional.empty());
    }

    @Override
    public void resetFailedUnit(String name) {
        throw new NoSuchUnit(name);
    }

    @Override
    public void setUnitProperties(String name, boolean runtime, List<Property> properties) {
        var values = values(properties);
        trouble(values).ifPresent(Trouble::refuse);
        synchronized (this) {
            var unit = units.get(name);
            if (unit == null) {
                throw new NoSuchUnit(name);
            }
            unit.properties().putAll(values);
            UnitGroups.limit(unit.group(), values);
        }
    }

    private static Map<String, Object> values(List<Property> properties) {
        var values = new LinkedHashMap<String, Object>();
        properties.forEach(each -> values.put(each.name, each.value.getValue()));
        return values;
    }

    /** {@code a-b.slice} lies in {@code a.slice}. */
    private static String directory(String slice) {
        var stem = slice.substring(0, slice.length() - ".slice".length());
        var path = new StringBuilder();
        for (var dash = stem.indexOf('-'); dash > 0; dash = stem.indexOf('-', dash + 1)) {
            path.append('/').append(stem, 0, dash).append(".slice");
        }
        return path.append('/').append(slice).toString();
    }

    /** A scope goes as soon as nothing runs in it, and its groups with it, whoever would like to read them. */
    private void collect() {
        while (end.getCount() > 0) {
            synchronized (this) {
                for (var unit : List.copyOf(units.values())) {
                    if (unit.isScope() && UnitGroups.pids(unit.group()).isEmpty()) {
                        units.remove(unit.name());
                        groups.remove(unit.group());
                    }
                }
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    synchronized List<String> names() {
        return List.copyOf(units.keySet());
    }

    /** How many calls were never answered. */
    int unanswered() {
        return unanswered.get();
    }

    synchronized Map<String, Object> properties(String unit) {
        return Map.copyOf(units.get(unit).properties());
    }

    void close() {
        end.countDown();
        try {
            collector.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        groups.removeAll();
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <A> A Get(String interfaceName, String property) {
        return (A) new Variant<>(property.equals("Version") ? "252" : "");
    }

    @Override
    public <A> void Set(String interfaceName, String property, A value) {
        throw new UnsupportedOperationException(property);
    }

    @Override
    public Map<String, Variant<?>> GetAll(String interfaceName) {
        return Map.of();
    }

    @Override
    public String getObjectPath() {
        return PATH;
    }
}
