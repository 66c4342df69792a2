package io.keelson.server.images;

import io.keelson.image.ImageRecord;
import io.keelson.server.text.Sizes;
import io.keelson.server.text.Table;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The list of images: a row for each name. */
final class ImageTable {
    static final int SHORT_ID = 12;

    private ImageTable() {}

    static void print(List<ImageRecord> images, boolean onlyIds, PrintWriter out) {
        var ordered = new ArrayList<>(images);
        ordered.sort(Comparator.comparing(ImageTable::name));
        if (onlyIds) {
            ordered.forEach(image -> out.println(image.id()));
            return;
        }
        var table = new Table("NAME", "ID", "SIZE", "PULLED");
        for (var image : ordered) {
            var names = image.repoTags().isEmpty() ? image.repoDigests() : image.repoTags();
            for (var name : names) {
                table.row(
                        name,
                        image.id().digest().hex().substring(0, SHORT_ID),
                        Sizes.text(image.sizeBytes()),
                        image.pulledAt().toString());
            }
        }
        table.print(out);
    }

    private static String name(ImageRecord image) {
        return image.repoTags().isEmpty()
                ? image.id().toString()
                : image.repoTags().first();
    }
}
